//! The one table of keys. Looking a key up, the footer and the help all read it.
//!
//! Letters only, besides the keys every keyboard has names for: terminals, multiplexers and shells own the
//! Ctrl combinations, and Ctrl-c leaves, always. `h j k l` move and never act. `y` means *yes, run it*
//! and nothing else, and a card knows no other key that runs anything: neither Enter nor the number that
//! opened it.

use crate::confirm::Way;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    Enter,
    Esc,
    Backspace,
    Tab,
    BackTab,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    F1,
    CtrlC,
}

impl Key {
    /// The key of a terminal event, if we know it.
    pub(crate) fn of(event: KeyEvent) -> Option<Key> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let held = event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match event.code {
            KeyCode::Char('c') if event.modifiers == KeyModifiers::CONTROL => Some(Key::CtrlC),
            _ if held => None,
            KeyCode::Char(c) => Some(Key::Char(c)),
            KeyCode::Enter => Some(Key::Enter),
            KeyCode::Esc => Some(Key::Esc),
            KeyCode::Backspace => Some(Key::Backspace),
            KeyCode::Tab => Some(Key::Tab),
            KeyCode::BackTab => Some(Key::BackTab),
            KeyCode::Up => Some(Key::Up),
            KeyCode::Down => Some(Key::Down),
            KeyCode::Left => Some(Key::Left),
            KeyCode::Right => Some(Key::Right),
            KeyCode::PageUp => Some(Key::PageUp),
            KeyCode::PageDown => Some(Key::PageDown),
            KeyCode::Home => Some(Key::Home),
            KeyCode::End => Some(Key::End),
            KeyCode::F(1) => Some(Key::F1),
            _ => None,
        }
    }
}

/// What is in front: it decides what a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Home,
    Brief,
    Play,
    /// The question before a dangerous choice.
    Card,
    /// The question before leaving a running drill.
    Question,
    Help,
    Debrief,
    /// A recording being shown.
    Replay,
    /// The question which moment of it to go to.
    GoTo,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Out of the program, no questions.
    LeaveNow,
    /// Out of the program.
    Leave,
    /// One step back.
    Back,
    Help,
    Move(Motion),
    NextPane,
    PreviousPane,
    /// Open, choose.
    Choose,
    /// Choose by number, from 1.
    Pick(usize),
    /// Yes, run it.
    Confirm,
    /// Do what the card says, in a way of its own.
    ConfirmIn(Way),
    Cancel,
    /// Stop the clock, or let it run.
    Pause,
    Slower,
    Faster,
    /// On to the next stop, as fast as it goes.
    Skip,
    PlayAgain,
    /// Along a recording.
    Wind(Wind),
    /// To a moment that is asked for.
    GoTo,
    /// A character of what is asked for.
    Type(char),
    /// The last of them goes.
    Erase,
    /// What another seat saw.
    NextSeat,
    PreviousSeat,
    /// What it has come to.
    Debrief,
    /// Play on from here.
    Fork,
}

/// A way along a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wind {
    /// A minute back.
    Back,
    /// A minute on.
    On,
    /// To the thing that was done before.
    Before,
    Start,
    End,
}

/// Where to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    /// Where it holds.
    pub(crate) contexts: &'static [Context],
    /// The keys.
    pub(crate) keys: &'static [Key],
    /// What they ask for.
    pub(crate) command: Command,
    /// How the keys are written.
    pub(crate) shown: &'static str,
    /// What they do, in the footer.
    pub(crate) words: Words,
    /// What they do, in the help.
    pub(crate) about: &'static str,
    /// Rank in the footer, 1 for what leaves it last; none for what is in the help only.
    pub(crate) rank: Option<u8>,
}

/// Words of the footer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Words {
    /// Always these.
    Fixed(&'static str),
    /// What the clock does next.
    Clock,
    /// What a yes does.
    Yes,
}

const EVERYWHERE: &[Context] = &[
    Context::Home,
    Context::Brief,
    Context::Play,
    Context::Card,
    Context::Question,
    Context::Help,
    Context::Debrief,
    Context::Replay,
    Context::GoTo,
];
const SCREENS: &[Context] = &[Context::Home, Context::Brief, Context::Play, Context::Debrief];
/// Where there is more than fits.
const MOVING: &[Context] =
    &[Context::Home, Context::Brief, Context::Play, Context::Help, Context::Debrief, Context::Replay];
/// The same, where Home and End are for it too: along a recording they lead to its ends.
const SCROLLED: &[Context] = &[Context::Home, Context::Brief, Context::Play, Context::Help, Context::Debrief];
const PLAY: &[Context] = &[Context::Play];
const REPLAY: &[Context] = &[Context::Replay];
const GO_TO: &[Context] = &[Context::GoTo];
/// The play screen, whoever or whatever is behind it.
const STAGE: &[Context] = &[Context::Play, Context::Replay];
/// Everywhere but in the help itself.
const HELPED: &[Context] = &[
    Context::Home,
    Context::Brief,
    Context::Play,
    Context::Card,
    Context::Question,
    Context::Debrief,
    Context::Replay,
    Context::GoTo,
];
const ASKED: &[Context] = &[Context::Card, Context::Question];
const NUMBERS: &[Key] = &[
    Key::Char('1'),
    Key::Char('2'),
    Key::Char('3'),
    Key::Char('4'),
    Key::Char('5'),
    Key::Char('6'),
    Key::Char('7'),
    Key::Char('8'),
    Key::Char('9'),
    Key::Char('0'),
];
/// What a time is typed with.
const TYPED: &[Key] = &[
    Key::Char('0'),
    Key::Char('1'),
    Key::Char('2'),
    Key::Char('3'),
    Key::Char('4'),
    Key::Char('5'),
    Key::Char('6'),
    Key::Char('7'),
    Key::Char('8'),
    Key::Char('9'),
    Key::Char(':'),
    Key::Char('h'),
    Key::Char('m'),
    Key::Char('s'),
];

const fn bind(
    contexts: &'static [Context],
    keys: &'static [Key],
    shown: &'static str,
    command: Command,
    about: &'static str,
) -> Binding {
    Binding { contexts, keys, command, shown, words: Words::Fixed(""), about, rank: None }
}

impl Binding {
    const fn hint(mut self, rank: u8, words: &'static str) -> Self {
        self.rank = Some(rank);
        self.words = Words::Fixed(words);
        self
    }

    const fn live_hint(mut self, rank: u8, words: Words) -> Self {
        self.rank = Some(rank);
        self.words = words;
        self
    }
}

const NEXT: &str = "on to the next thing that was done, or that happened";
const CALLERS: &str = "to the callers, on the map";
const CALLED: &str = "to the called, on the map";

/// Every key there is, in the order of footer and help.
pub(crate) const TABLE: &[Binding] = &[
    bind(&[Context::Home], &[Key::Enter], "Enter", Command::Choose, "read the brief of the selected drill")
        .hint(1, "brief"),
    bind(&[Context::Brief], &[Key::Enter], "Enter", Command::Choose, "start the clock").hint(1, "start the clock"),
    bind(PLAY, NUMBERS, "1-9", Command::Pick(0), "choose that action (0 is the tenth)").hint(2, "choose"),
    bind(PLAY, &[Key::Enter], "Enter", Command::Choose, "choose the selected action").hint(3, "choose selected"),
    bind(&[Context::Card], &[Key::Char('y')], "y", Command::Confirm, "yes: do what the card says")
        .live_hint(1, Words::Yes),
    bind(
        &[Context::Card],
        &[Key::Char('b')],
        "b",
        Command::ConfirmIn(Way::Glass),
        "break the glass: at once, asking nobody",
    ),
    bind(
        &[Context::Card],
        &[Key::Char('o')],
        "o",
        Command::ConfirmIn(Way::Objections),
        "ask all for strong objections first",
    ),
    bind(&[Context::Card], &[Key::Char('g')], "g", Command::ConfirmIn(Way::Task), "give it to somebody else as a task"),
    bind(&[Context::Question], &[Key::Char('y')], "y", Command::Confirm, "yes: leave the drill").hint(1, "leave"),
    bind(ASKED, &[Key::Char('n'), Key::Esc], "n Esc", Command::Cancel, "no: nothing happens").hint(2, "no, back"),
    bind(STAGE, &[Key::Char(' ')], "Space", Command::Pause, "stop the clock, or let it run").live_hint(1, Words::Clock),
    bind(PLAY, &[Key::Char('.')], ".", Command::Skip, "on to the next stop, as fast as it goes").hint(4, "next stop"),
    bind(REPLAY, &[Key::Char('n'), Key::Char('.'), Key::Char(']')], "p n", Command::Skip, NEXT).hint(2, "thing done"),
    bind(REPLAY, &[Key::Char('p'), Key::Char('[')], "p", Command::Wind(Wind::Before), "back to the one before"),
    bind(REPLAY, &[Key::Left], "Left", Command::Wind(Wind::Back), "a minute back"),
    bind(REPLAY, &[Key::Right], "Left Right", Command::Wind(Wind::On), "a minute on").hint(4, "a minute"),
    bind(REPLAY, &[Key::Home], "Home", Command::Wind(Wind::Start), "to the start of the recording"),
    bind(REPLAY, &[Key::End], "End", Command::Wind(Wind::End), "to its end"),
    bind(REPLAY, &[Key::Char('t')], "t", Command::GoTo, "to a time: 12m, 90s or 12:30").hint(6, "time"),
    bind(REPLAY, &[Key::Char('s')], "s", Command::NextSeat, "what the next seat saw").hint(3, "seat"),
    bind(REPLAY, &[Key::Char('S')], "S", Command::PreviousSeat, "what the seat before saw"),
    bind(REPLAY, &[Key::Char('d')], "d", Command::Debrief, "on to the end, and what it came to").hint(7, "debrief"),
    bind(REPLAY, &[Key::Char('f')], "f", Command::Fork, "play on from here; it is recorded in a file of its own"),
    bind(GO_TO, TYPED, "0-9 : h m s", Command::Type(' '), "a part of the time"),
    bind(GO_TO, &[Key::Backspace], "Backspace", Command::Erase, "take the last back"),
    bind(GO_TO, &[Key::Enter], "Enter", Command::Choose, "go there").hint(1, "go there"),
    bind(GO_TO, &[Key::Esc], "Esc", Command::Cancel, "stay").hint(2, "stay"),
    bind(STAGE, &[Key::Char('<'), Key::Char(',')], "<", Command::Slower, "slower"),
    bind(STAGE, &[Key::Char('>')], "< >", Command::Faster, "faster, up to 600 times").hint(6, "speed"),
    bind(STAGE, &[Key::Tab], "Tab", Command::NextPane, "next pane").hint(7, "pane"),
    bind(STAGE, &[Key::BackTab], "Shift-Tab", Command::PreviousPane, "previous pane"),
    bind(&[Context::Debrief], &[Key::Tab], "Tab", Command::NextPane, "next page").hint(1, "next page"),
    bind(&[Context::Debrief], &[Key::BackTab], "Shift-Tab", Command::PreviousPane, "previous page"),
    bind(&[Context::Debrief], &[Key::Char('r')], "r", Command::PlayAgain, "play the same drill again")
        .hint(2, "play again"),
    bind(MOVING, &[Key::Up, Key::Char('k')], "Up k", Command::Move(Motion::Up), "up"),
    bind(MOVING, &[Key::Down, Key::Char('j')], "Down j", Command::Move(Motion::Down), "down"),
    bind(PLAY, &[Key::Left, Key::Char('h')], "Left h", Command::Move(Motion::Left), CALLERS),
    bind(PLAY, &[Key::Right, Key::Char('l')], "Right l", Command::Move(Motion::Right), CALLED),
    bind(REPLAY, &[Key::Char('h')], "h", Command::Move(Motion::Left), CALLERS),
    bind(REPLAY, &[Key::Char('l')], "l", Command::Move(Motion::Right), CALLED),
    bind(MOVING, &[Key::PageUp], "PgUp", Command::Move(Motion::PageUp), "a page up"),
    bind(MOVING, &[Key::PageDown], "PgDn", Command::Move(Motion::PageDown), "a page down"),
    bind(SCROLLED, &[Key::Home, Key::Char('g')], "Home g", Command::Move(Motion::First), "to the start"),
    bind(SCROLLED, &[Key::End, Key::Char('G')], "End G", Command::Move(Motion::Last), "to the end"),
    bind(REPLAY, &[Key::Char('g')], "g", Command::Move(Motion::First), "to the start of the pane"),
    bind(REPLAY, &[Key::Char('G')], "G", Command::Move(Motion::Last), "to the end of the pane"),
    bind(&[Context::Brief], &[Key::Esc], "Esc", Command::Back, "back to the drills").hint(3, "back"),
    bind(&[Context::Debrief], &[Key::Esc], "Esc", Command::Back, "back to the drills, or to the recording it is of")
        .hint(3, "back"),
    bind(REPLAY, &[Key::Esc], "Esc", Command::Back, "close what was found"),
    bind(PLAY, &[Key::Esc], "Esc", Command::Back, "close what is open; else back to the drills, after asking"),
    bind(
        &[Context::Help],
        &[Key::Esc, Key::Char('q'), Key::Char('?'), Key::F1, Key::Enter],
        "Esc",
        Command::Back,
        "close the help",
    )
    .hint(1, "close"),
    bind(HELPED, &[Key::Char('?'), Key::F1], "?", Command::Help, "help for this screen (F1 too)").hint(5, "help"),
    bind(SCREENS, &[Key::Char('q')], "q", Command::Leave, "leave gameday; asks first while a drill runs")
        .hint(8, "leave"),
    bind(REPLAY, &[Key::Char('q')], "q", Command::Leave, "leave gameday; a recording stays as it is").hint(8, "leave"),
    bind(EVERYWHERE, &[Key::CtrlC], "Ctrl-c", Command::LeaveNow, "leave now, without a question"),
];

/// What `key` asks for here.
pub(crate) fn command(context: Context, key: Key) -> Option<Command> {
    let binding = of(context).find(|binding| binding.keys.contains(&key))?;
    Some(match (binding.command, key) {
        (Command::Pick(_), Key::Char(digit)) => Command::Pick(number(digit)),
        (Command::Type(_), Key::Char(key)) => Command::Type(key),
        (command, _) => command,
    })
}

/// The bindings that hold here.
pub(crate) fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(move |binding| binding.contexts.contains(&context))
}

/// `0` is the tenth.
fn number(digit: char) -> usize {
    match digit.to_digit(10) {
        Some(0) | None => 10,
        Some(n) => n as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_bindings_collide_in_a_context() {
        for context in EVERYWHERE {
            let keys: Vec<_> = of(*context).flat_map(|binding| binding.keys).collect();
            for (i, key) in keys.iter().enumerate() {
                assert!(!keys[..i].contains(key), "{key:?} means two things in {context:?}");
            }
        }
    }

    #[test]
    fn only_y_runs_a_dangerous_choice() {
        for key in [Key::Enter, Key::Char(' '), Key::Char('1'), Key::Char('9'), Key::Tab] {
            assert_eq!(command(Context::Card, key), None, "{key:?}");
        }
        assert_eq!(command(Context::Card, Key::Char('y')), Some(Command::Confirm));
        assert_eq!(command(Context::Play, Key::Char('y')), None);
    }

    #[test]
    fn leaving_now_and_help_work_everywhere() {
        for context in EVERYWHERE {
            assert_eq!(command(*context, Key::CtrlC), Some(Command::LeaveNow));
            assert!(command(*context, Key::Char('?')).is_some());
        }
    }

    #[test]
    fn numbers_count_from_one_to_ten() {
        assert_eq!(command(Context::Play, Key::Char('3')), Some(Command::Pick(3)));
        assert_eq!(command(Context::Play, Key::Char('0')), Some(Command::Pick(10)));
    }

    #[test]
    fn every_binding_says_what_it_does() {
        for binding in TABLE {
            assert!(!binding.about.is_empty() && !binding.shown.is_empty(), "{binding:?}");
        }
    }
}
