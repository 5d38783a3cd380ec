//! The first minute, at 80x24: home, brief, the page, the obvious rollback, what it leaves behind, the way out, the
//! debrief. At most twelve keys.

use super::Terminal;

#[test]
fn twelve_keys_lead_from_home_through_a_rollback_that_makes_it_worse_to_the_debrief() {
    let Some(mut terminal) = Terminal::open("minute", 80, 24, &[]) else { return };
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
        let Some(mut terminal) = Terminal::open(&format!("leave{width}"), width, height, &[]) else { return };
        terminal.wait_for("ledger-format");
        terminal.press("q");
        terminal.wait_for_its_end();
    }
}
