//! Whether a column goes with what a migration makes it of. A copy may be made for good, or be where a column of its
//! own starts: that is for the code to show that writes them, or for somebody to say.
//!
//! *Decisions.* Code that always sets both, to the same, and does so where it changes rows, means them to go together;
//! so does code that takes the one for a NULL in the other. A new column has taken the place of an old one where rows
//! are made with it and without that, or where that goes in a later migration. They are apart where a version that sets
//! both leaves the one behind that it hands out, and not the other: it would be wrong by itself, whatever else is
//! deployed. Where code shows none of it, or both, it is open.

use super::expr::Expr;
use super::history::History;
use super::lineage::{self, Copied};
use super::met::Meeting;
use super::schema::Filling;
use super::statement::{Insert, Projection, Source, Statement};
use crate::data::{Format, Mask, Slot};
use crate::id::FormatId;

/// How two columns go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    /// Together.
    Bound,
    /// Each its own way.
    Apart,
    /// Nobody says.
    Open,
}

/// Two columns of which a migration makes the one, or code that sets both to the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// The migration that makes the one of the other; of what only code says, the one that adds it.
    pub(super) migration: usize,
    pub(super) from: Slot,
    pub(super) to: Slot,
    /// Whether the one tells the other.
    pub(super) is_copy: bool,
    /// Whether they are the same.
    pub(super) is_plain: bool,
    pub(super) tie: Tie,
}

impl Link {
    /// Whether it is of these two, whichever is made of the other.
    pub(super) fn is_of(&self, one: Slot, other: Slot) -> bool {
        [self.from, self.to] == [one, other] || [self.to, self.from] == [one, other]
    }
}

/// A statement of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// Who says it: the same number for what one process says to the table.
    pub speaker: usize,
    /// The state it was written for.
    pub state: FormatId,
    /// What is said.
    pub statement: Statement,
}

/// What a statement does to two columns that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// It sets both to the same.
    Same,
    /// It sets both, to whatever.
    Both,
    /// It sets this one alone.
    Alone(Slot),
}

/// What one speaker does with two columns.
#[derive(Default)]
struct Habit {
    /// What its statements set, each with whether it is an `UPDATE`.
    written: Vec<(Written, bool)>,
    /// The columns that it hands out as they are.
    shown: Vec<Slot>,
    /// Whether it takes the one for a NULL in the other.
    falls_back: bool,
    /// Whether it makes rows with the new one and without the old one.
    replaces: bool,
    /// Whether it names the old one.
    names_old: bool,
}

impl Habit {
    fn has(&self, is: impl Fn(Written) -> bool) -> bool {
        self.written.iter().any(|(written, _)| is(*written))
    }

    fn sets_one(&self) -> bool {
        self.has(|written| matches!(written, Written::Alone(_)))
    }

    /// Whether both are always changed together.
    fn keeps(&self) -> bool {
        self.falls_back || self.written.contains(&(Written::Same, true)) && !self.sets_one()
    }

    /// Whether both are made the same, and never changed.
    fn starts_same(&self) -> bool {
        self.has(|written| written == Written::Same) && !self.written.iter().any(|(_, is_update)| *is_update)
    }

    /// Whether they are made the same, and not kept so.
    fn parts(&self) -> bool {
        self.has(|written| written == Written::Same) && self.sets_one()
    }

    /// Whether it would be wrong by itself if they went together.
    fn contradicts(&self) -> bool {
        let sets_both = self.has(|written| matches!(written, Written::Same | Written::Both));
        let shows_other = |set: Slot| !self.shown.is_empty() && !self.shown.contains(&set);
        let leaves = |written| matches!(written, Written::Alone(set) if shows_other(set));
        sets_both && self.has(leaves)
    }
}

impl History {
    /// The same history, where versions say this to the table; `in_step` is what somebody says of each migration.
    #[must_use]
    pub fn of_versions(mut self, spoken: Vec<Spoken>, in_step: &[Option<bool>]) -> Self {
        let all = self.links();
        let mut links = all.clone();
        for link in &mut links {
            let mut said = all.iter().filter(|one| one.is_of(link.from, link.to));
            link.tie = match said.find_map(|one| in_step.get(one.migration).copied().flatten()) {
                Some(true) => Tie::Bound,
                Some(false) => Tie::Apart,
                None => self.shown_by(&spoken, link),
            };
        }
        links.extend(self.only_spoken(&spoken, &links, in_step));
        self.links = links;
        self.looked_at = self.asked_for(&spoken);
        self
    }

    /// The slots that some version asks for.
    fn asked_for(&self, spoken: &[Spoken]) -> Mask {
        let own = spoken.iter().map(|one| {
            let Spoken { statement, state, .. } = one;
            Meeting { history: self, statement, own: *state, current: *state }.looked_at()
        });
        own.fold(Mask::EMPTY, |all, slots| all | slots)
    }

    /// What migrations make of other columns: nobody has said yet how they go.
    pub(super) fn links(&self) -> Vec<Link> {
        let all = self.migrations.iter().enumerate().flat_map(|(index, steps)| {
            let then = &self.entity.formats[index + 1];
            let copied = lineage::copied(&self.states[index].table, steps).into_iter();
            copied.filter_map(move |one| link(then, index, &one))
        });
        all.collect()
    }

    /// Whether a migration makes a column of others.
    #[must_use]
    pub fn makes_columns(&self, migration: usize) -> bool {
        self.links.iter().any(|link| link.migration == migration)
    }

    fn shown_by(&self, spoken: &[Spoken], link: &Link) -> Tie {
        let habits = self.habits(spoken, link);
        let any = |is: fn(&Habit) -> bool| habits.iter().any(is);
        let goes = self.entity.formats[link.migration + 1..].iter().any(|format| format.field(link.from).is_none());
        let kept = any(Habit::keeps) || any(|habit| habit.replaces && !habit.names_old) || goes;
        match (kept, any(Habit::contradicts)) {
            (true, false) => Tie::Bound,
            (false, true) => Tie::Apart,
            (false, false) if any(Habit::starts_same) && !any(Habit::parts) => Tie::Bound,
            (true, true) | (false, false) => Tie::Open,
        }
    }

    /// Columns that code changes together and no migration makes of each other: what is in the new one of old rows,
    /// nobody says.
    fn only_spoken(&self, spoken: &[Spoken], known: &[Link], in_step: &[Option<bool>]) -> Vec<Link> {
        let mut links = Vec::new();
        for (migration, pair) in self.entity.formats.windows(2).enumerate() {
            let [before, after] = [&pair[0], &pair[1]].map(Format::slots);
            let pairs =
                (after - before).into_iter().flat_map(|to| (before & after).into_iter().map(move |from| (from, to)));
            let fresh = pairs.filter(|(from, to)| !known.iter().any(|one| one.is_of(*from, *to)));
            let said = in_step.get(migration).copied().flatten();
            let tie = if said == Some(true) { Tie::Bound } else { Tie::Open };
            let made = fresh.map(|(from, to)| Link { migration, from, to, is_copy: true, is_plain: true, tie });
            links.extend(made.filter(|link| said != Some(false) && self.is_kept(spoken, link)));
        }
        links
    }

    /// Whether code changes both together.
    fn is_kept(&self, spoken: &[Spoken], link: &Link) -> bool {
        let habits = self.habits(spoken, link);
        habits.iter().any(Habit::keeps) && !habits.iter().any(Habit::contradicts)
    }

    /// Whether the one of two columns is made as the other, and may have taken its place.
    pub(super) fn is_copy_of(&self, one: Slot, other: Slot) -> bool {
        self.links.iter().any(|link| link.is_plain && link.tie != Tie::Apart && link.is_of(one, other))
    }

    /// Names that copies have taken over from the columns that they were made of, a phrase each.
    pub(super) fn taken_over(&self, (from, to): (FormatId, FormatId)) -> Vec<String> {
        let [before, after] = [from, to].map(|state| self.entity.format(state));
        let moved = before.fields.iter().filter(|field| {
            let now = after.fields.iter().find(|column| column.name == field.name);
            now.is_some_and(|column| column.slot != field.slot && self.is_copy_of(column.slot, field.slot))
        });
        moved.map(|field| format!("whether {}, now the copy of it, holds what it held", field.name)).collect()
    }

    /// What each speaker does that knows the new column.
    fn habits(&self, spoken: &[Spoken], link: &Link) -> Vec<Habit> {
        let mut habits: Vec<(usize, Habit)> = Vec::new();
        for one in spoken {
            let format = self.entity.format(one.state);
            let Some(new) = format.field(link.to) else { continue };
            let old = format.field(link.from).map(|field| field.name.as_str());
            if !habits.iter().any(|(speaker, _)| *speaker == one.speaker) {
                habits.push((one.speaker, Habit::default()));
            }
            let (_, habit) = habits.iter_mut().find(|(speaker, _)| *speaker == one.speaker).expect("it was put there");
            self.observe(one, link, (old, &new.name), habit);
        }
        habits.into_iter().map(|(_, habit)| habit).collect()
    }

    fn observe(&self, spoken: &Spoken, link: &Link, (old, new): (Option<&str>, &str), habit: &mut Habit) {
        let format = self.entity.format(spoken.state);
        let sets = |name: &str| set_to(&spoken.statement, format, name);
        let (from, to) = (old.and_then(sets), sets(new));
        let is_update = matches!(spoken.statement, Statement::Update(_));
        let written = match (from, to) {
            (Some(from), Some(to)) if is_same(link, (from, to), (old, new)) => Some(Written::Same),
            (Some(_), Some(_)) => Some(Written::Both),
            (Some(_), None) => Some(Written::Alone(link.from)),
            (None, Some(_)) => Some(Written::Alone(link.to)),
            (None, None) => None,
        };
        habit.written.extend(written.map(|written| (written, is_update)));
        let is_made = matches!(spoken.statement, Statement::Insert(_)) && to.is_some() && from.is_none();
        habit.replaces |= is_made && !self.is_filled(spoken.state, link.from);
        let exprs = handed_out(&spoken.statement);
        let is_column = |expr: &Expr, name: &str| matches!(expr, Expr::Column(own) if own == name);
        let names = |expr: &Expr| old.is_some_and(|old| expr.columns().contains(&old));
        habit.names_old |= from.is_some() || exprs.iter().any(|expr| names(expr)) || is_all(&spoken.statement);
        habit.falls_back |= exprs.iter().any(|expr| names(expr) && is_fallback(expr, new));
        let plain = [(old, link.from), (Some(new), link.to)].into_iter();
        let shown = plain.filter(|(name, _)| name.is_some_and(|name| exprs.iter().any(|expr| is_column(expr, name))));
        habit.shown.extend(shown.map(|(_, slot)| slot));
        if is_all(&spoken.statement) {
            habit.shown.extend([link.from, link.to]);
        }
    }

    /// Whether the database fills a column that nobody gives a value.
    fn is_filled(&self, state: FormatId, slot: Slot) -> bool {
        let columns = self.table(state).map_or(&[][..], |table| &table.columns);
        let mut pairs = columns.iter().zip(&self.entity.format(state).fields);
        pairs.any(|(column, field)| field.slot == slot && column.filling != Filling::Nothing)
    }
}

fn link(then: &Format, migration: usize, one: &Copied) -> Option<Link> {
    let slot = |name: &str| then.fields.iter().find(|field| field.name == name).map(|field| field.slot);
    let (from, to) = slot(&one.from).zip(slot(&one.to))?;
    let Copied { is_copy, is_plain, .. } = *one;
    (from != to).then_some(Link { migration, from, to, is_copy, is_plain, tie: Tie::Open })
}

/// Whether two columns are set to the same, or the one to what is made of the same.
fn is_same(link: &Link, (from, to): (Option<&Expr>, Option<&Expr>), (old, new): (Option<&str>, &str)) -> bool {
    let Some((from, to)) = from.zip(to) else { return false };
    let shares = || from.parameters().iter().any(|name| to.parameters().contains(name));
    if link.is_plain { matches_renamed(from, to, (old.unwrap_or_default(), new)) } else { shares() && from != to }
}

/// Whether the one is the other with its own column in the place of that, and tells anything of the row.
pub(super) fn matches_renamed(from: &Expr, to: &Expr, (old, new): (&str, &str)) -> bool {
    to.renamed(new, old) == *from && !matches!(from, Expr::Null)
}

/// What a statement sets a column to, if it does; `None` inside for a default.
pub(super) fn set_to<'a>(statement: &'a Statement, format: &Format, name: &str) -> Option<Option<&'a Expr>> {
    match statement {
        Statement::Update(update) => update.sets.iter().find(|(own, _)| own == name).map(|(_, expr)| expr.as_ref()),
        Statement::Insert(Insert { columns, source: Source::Rows(rows), .. }) => {
            let place = match columns {
                Some(columns) => columns.iter().position(|own| own == name)?,
                None => format.fields.iter().position(|field| field.name == name)?,
            };
            rows.first()?.get(place).map(Option::as_ref)
        }
        Statement::Insert(_) | Statement::Select(_) | Statement::Delete(_) => None,
    }
}

fn handed_out(statement: &Statement) -> Vec<&Expr> {
    let Statement::Select(select) = statement else { return Vec::new() };
    match &select.projection {
        Projection::List(list) => list.iter().map(|(expr, _)| expr).collect(),
        Projection::All => Vec::new(),
    }
}

fn is_all(statement: &Statement) -> bool {
    matches!(statement, Statement::Select(select) if select.projection == Projection::All)
}

/// Whether something else stands in for a NULL in a column.
fn is_fallback(expr: &Expr, name: &str) -> bool {
    let is_own = matches!(expr, Expr::Call(call, arguments)
        if call == "coalesce" && arguments.first().is_some_and(|first| first.columns().contains(&name)));
    is_own || expr.parts().into_iter().any(|part| is_fallback(part, name))
}
