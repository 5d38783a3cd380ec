//! The first minute, in a real terminal of 80x24: home, brief, the page, the obvious rollback, what it
//! leaves behind, the way out, the debrief. At most twelve keys.
//!
//! Driven through tmux. Without it the test says so and passes by, unless `GAMEDAY_REQUIRE_TMUX` is set.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A terminal somebody sits at.
struct Terminal {
    socket: String,
    keys: u32,
}

impl Terminal {
    /// A terminal running the binary, or nothing where there is no tmux.
    fn open(name: &str, width: u32, height: u32) -> Option<Terminal> {
        let terminal = Terminal { socket: format!("gameday-{name}-{}", std::process::id()), keys: 0 };
        let size = [width.to_string(), height.to_string()];
        let binary = env!("CARGO_BIN_EXE_gameday");
        let opened = terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", &size[0], "-y", &size[1], binary]);
        match opened {
            Ok(output) => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                Some(terminal)
            }
            Err(error) => {
                assert!(std::env::var_os("GAMEDAY_REQUIRE_TMUX").is_none(), "tmux is required here: {error}");
                eprintln!("passed by: tmux cannot be run ({error})");
                None
            }
        }
    }

    fn tmux(&self, arguments: &[&str]) -> std::io::Result<Output> {
        Command::new("tmux").args(["-L", &self.socket]).args(arguments).output()
    }

    fn press(&mut self, key: &str) {
        self.keys += 1;
        self.tmux(&["send-keys", key]).expect("tmux was there a moment ago");
    }

    fn screen(&self) -> String {
        let output = self.tmux(&["capture-pane", "-p"]).expect("tmux was there a moment ago");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The screen once it shows `text`.
    fn wait_for(&self, text: &str) -> String {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < patience, "waited for `{text}` in vain:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses the number of an action.
    fn choose(&mut self, label: &str) {
        let screen = self.wait_for(label);
        let line = screen.lines().find(|line| line.contains(label) && starts_with_number(line)).expect("it is listed");
        let number = line.trim_start_matches([' ', '▶']).chars().next().expect("it starts with its number");
        self.press(&number.to_string());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]);
    }
}

fn starts_with_number(line: &str) -> bool {
    line.trim_start_matches([' ', '▶']).starts_with(|first: char| first.is_ascii_digit())
}

#[test]
fn twelve_keys_lead_from_home_through_a_rollback_that_makes_it_worse_to_the_debrief() {
    let Some(mut terminal) = Terminal::open("minute", 80, 24) else { return };
    terminal.wait_for("ledger-format");
    terminal.press("Enter");
    terminal.wait_for("the clock stands");
    terminal.press("Enter");
    terminal.wait_for("ALERT checkout-burn fires");
    terminal.choose("roll back payments to 50");
    let card = terminal.wait_for("NOT CHECKED");
    assert!(card.contains("can payments 50 read what is in ledger-entries by now?"), "{card}");
    terminal.press("y");
    let worse = terminal.wait_for("ALERT settle-backlog fires");
    assert!(worse.contains("failed work: settle"), "{worse}");
    terminal.choose("audit the records");
    let found = terminal.wait_for("payments 50 cannot read");
    assert!(found.contains("INSTANT"), "{found}");
    terminal.choose("declare the incident over");
    terminal.wait_for("y run it");
    terminal.press("y");
    let debrief = terminal.wait_for("NOT RECOVERED");
    assert!(debrief.contains("ledger-format") || debrief.contains("debrief"), "{debrief}");
    assert!(terminal.keys <= 12, "{} keys", terminal.keys);
}

#[test]
fn leaving_puts_the_terminal_back_at_any_size() {
    for (width, height) in [(80, 24), (120, 40)] {
        let Some(mut terminal) = Terminal::open(&format!("leave{width}"), width, height) else { return };
        terminal.wait_for("ledger-format");
        terminal.press("q");
        let patience = Instant::now() + Duration::from_secs(10);
        // The session ends with the program; then there is no screen any more.
        while terminal.tmux(&["has-session"]).is_ok_and(|output| output.status.success()) {
            assert!(Instant::now() < patience, "it is still there:\n{}", terminal.screen());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
