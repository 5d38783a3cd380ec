//! gameday in a real terminal.
//!
//! Driven through tmux. Without it the tests say so and pass by, unless `GAMEDAY_REQUIRE_TMUX` is set.

mod first_minute;
mod recordings;

use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A terminal somebody sits at.
struct Terminal {
    socket: String,
    keys: u32,
}

impl Terminal {
    /// A terminal running the binary with these words, or nothing where there is no tmux.
    fn open(name: &str, width: u32, height: u32, words: &[&str]) -> Option<Terminal> {
        let terminal = Terminal { socket: format!("gameday-{name}-{}", std::process::id()), keys: 0 };
        let size = [width.to_string(), height.to_string()];
        let binary = env!("CARGO_BIN_EXE_gameday");
        let session = ["-f", "/dev/null", "new-session", "-d", "-x", &size[0], "-y", &size[1], binary];
        let opened = terminal.tmux(&[&session, words].concat());
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

    /// Ends the program without a word of warning.
    fn kill(&self) {
        let output = self.tmux(&["display-message", "-p", "#{pane_pid}"]).expect("tmux was there a moment ago");
        let pid = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let killed = Command::new("kill").args(["-9", &pid]).status().expect("there is a kill");
        assert!(killed.success(), "{pid} could not be killed");
    }

    /// Waits until the program is over: the session ends with it, and then there is no screen any more.
    fn wait_for_its_end(&self) {
        let patience = Instant::now() + Duration::from_secs(10);
        while self.tmux(&["has-session"]).is_ok_and(|output| output.status.success()) {
            assert!(Instant::now() < patience, "it is still there:\n{}", self.screen());
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
