//! Whether a column goes with what a migration makes it of. A copy may be made for good, or be where a column of its
//! own starts: that is for somebody to say.
//!
//! *Decisions.* What code does to two columns is no proof: who changes one of them alone may have forgotten the other,
//! who changes both to the same may mean it of that change, who reads the one for a NULL in the other may read old
//! rows, and a version or a migration that is listed need never come. As long as nobody says it, it is open. Code only
//! raises the question of columns that no migration makes of each other: where it changes both to the same, or where it
//! has one in the place of the other.

use super::cast::{self, Context};
use super::expr::Expr;
use super::history::History;
use super::lineage::{self, Copied};
use super::met::Meeting;
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

/// Two columns of which a migration makes the one, or code that has the one for the other.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The migration that makes the one of the other; of what only code says, the one that adds it.
    pub(super) migration: usize,
    pub(super) from: Slot,
    pub(super) to: Slot,
    /// Whether the one tells the other.
    pub(super) is_copy: bool,
    /// Whether they are the same.
    pub(super) is_plain: bool,
    /// What the one is made of, by the names in the state after the migration; nothing where only code says so.
    pub(super) made: Option<Expr>,
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

/// What one speaker does with two columns.
#[derive(Default)]
struct Habit {
    /// Whether it knows the new one.
    knows_new: bool,
    names_old: bool,
    names_new: bool,
    sets_old: bool,
    sets_one: bool,
    /// Whether it changes both to the same.
    sets_same: bool,
    /// Whether it takes the one for a NULL in the other.
    falls_back: bool,
}

impl Habit {
    /// Whether both are changed together.
    fn keeps(&self) -> bool {
        self.falls_back || self.sets_same && !self.sets_one
    }

    /// Whether the new one is all that it knows of both.
    fn replaces(&self) -> bool {
        self.names_new && !self.names_old
    }
}

impl History {
    /// The same history, where versions say this to the table; `in_step` is what somebody says of each migration.
    #[must_use]
    pub fn of_versions(mut self, spoken: &[Spoken], in_step: &[Option<bool>]) -> Self {
        let all = self.links();
        let mut links = all.clone();
        for link in &mut links {
            let mut said = all.iter().filter(|one| one.is_of(link.from, link.to));
            link.tie = tie(said.find_map(|one| in_step.get(one.migration).copied().flatten()));
        }
        links.extend(self.only_spoken(spoken, &links, in_step));
        self.links = links;
        self.asked = spoken.iter().map(|one| (one.state, self.asked_for(one))).collect();
        self
    }

    /// The slots that a statement asks for.
    fn asked_for(&self, Spoken { statement, state, .. }: &Spoken) -> Mask {
        Meeting { history: self, statement, own: *state, current: *state }.looked_at()
    }

    /// What migrations make of other columns: nobody has said yet how they go.
    pub(super) fn links(&self) -> Vec<Link> {
        let all = self.migrations.iter().enumerate().flat_map(|(index, steps)| {
            let then = &self.entity.formats[index + 1];
            let copied = lineage::copied(&self.states[index].table, steps).into_iter();
            copied.filter_map(move |one| link(then, index, one))
        });
        all.collect()
    }

    /// Whether a migration makes a column of which it may be asked whether it goes with another one.
    #[must_use]
    pub fn makes_columns(&self, migration: usize) -> bool {
        self.links.iter().any(|link| link.migration == migration)
    }

    /// Columns that code has together, or the one for the other, and that no migration makes of each other: what is in
    /// the new one of old rows, nobody says.
    fn only_spoken(&self, spoken: &[Spoken], known: &[Link], in_step: &[Option<bool>]) -> Vec<Link> {
        let mut links = Vec::new();
        for (migration, pair) in self.entity.formats.windows(2).enumerate() {
            let [before, after] = [&pair[0], &pair[1]].map(Format::slots);
            let pairs =
                (after - before).into_iter().flat_map(|to| (before & after).into_iter().map(move |from| (from, to)));
            let fresh = pairs.filter(|(from, to)| !known.iter().any(|one| one.is_of(*from, *to)));
            let tie = tie(in_step.get(migration).copied().flatten());
            let made =
                fresh.map(|(from, to)| Link { migration, from, to, is_copy: true, is_plain: true, made: None, tie });
            links.extend(made.filter(|link| self.is_raised(spoken, link)));
        }
        links
    }

    /// Whether code raises the question whether two columns go together.
    fn is_raised(&self, spoken: &[Spoken], link: &Link) -> bool {
        let habits = self.habits(spoken, link);
        let any = |is: fn(&Habit) -> bool| habits.iter().any(is);
        let is_left = any(|habit| habit.sets_old && !habit.knows_new);
        any(Habit::keeps) || is_left && any(Habit::replaces) && !self.is_filled(link.to) && self.is_alike(link)
    }

    /// Whether a migration makes a column of any other one.
    fn is_filled(&self, slot: Slot) -> bool {
        let made = self.links.iter().any(|link| link.to == slot);
        made || self.entity.format_ids().any(|state| self.is_generated(state, slot))
    }

    /// Whether what is in the one column can be put into the other.
    fn is_alike(&self, link: &Link) -> bool {
        let then = &self.entity.formats[link.migration + 1];
        let Some((from, to)) = then.field(link.from).zip(then.field(link.to)) else { return false };
        let (from, to) = (super::stated::of(from), super::stated::of(to));
        from.category() == to.category() && cast::context(from, to).is_some_and(|how| how <= Context::Assignment)
    }

    /// Whether the one of two columns is made as the other, and may have taken its place.
    pub(super) fn is_copy_of(&self, one: Slot, other: Slot) -> bool {
        self.links.iter().any(|link| link.is_plain && link.tie != Tie::Apart && link.is_of(one, other))
    }

    /// Columns whose names copies of them have taken over. What they held goes on there, or nobody knows: it is not
    /// lost.
    pub(super) fn succeeded(&self, (from, to): (FormatId, FormatId)) -> Mask {
        let [before, after] = [from, to].map(|state| self.entity.format(state));
        let moved = before.fields.iter().filter(|field| {
            let now = after.fields.iter().find(|column| column.name == field.name);
            now.is_some_and(|column| column.slot != field.slot && self.is_copy_of(column.slot, field.slot))
        });
        moved.map(|field| field.slot).collect()
    }

    /// The same, a phrase each.
    pub(super) fn taken_over(&self, ends: (FormatId, FormatId)) -> Vec<String> {
        let names = self.entity.format(ends.0).fields.iter().filter(|field| self.succeeded(ends).contains(field.slot));
        names.map(|field| format!("whether {}, now the copy of it, holds what it held", field.name)).collect()
    }

    /// What each speaker does.
    fn habits(&self, spoken: &[Spoken], link: &Link) -> Vec<Habit> {
        let mut habits: Vec<(usize, Habit)> = Vec::new();
        for one in spoken {
            if !habits.iter().any(|(speaker, _)| *speaker == one.speaker) {
                habits.push((one.speaker, Habit::default()));
            }
            let (_, habit) = habits.iter_mut().find(|(speaker, _)| *speaker == one.speaker).expect("it was put there");
            self.observe(one, link, habit);
        }
        habits.into_iter().map(|(_, habit)| habit).collect()
    }

    fn observe(&self, spoken: &Spoken, link: &Link, habit: &mut Habit) {
        let format = self.entity.format(spoken.state);
        let name = |slot: Slot| format.field(slot).map(|field| field.name.as_str());
        let (old, new) = (name(link.from), name(link.to));
        let set = |name: Option<&str>| name.and_then(|name| set_to(&spoken.statement, format, name));
        let (from, to) = (set(old), set(new));
        let looked_at = self.asked_for(spoken);
        habit.knows_new |= new.is_some();
        habit.names_old |= from.is_some() || looked_at.contains(link.from);
        habit.names_new |= to.is_some() || looked_at.contains(link.to);
        habit.sets_old |= from.is_some();
        let (Some(old), Some(new)) = (old, new) else { return };
        habit.sets_one |= from.is_some() != to.is_some();
        let is_same = from.flatten().zip(to.flatten()).is_some_and(|(from, to)| matches_renamed(from, to, (old, new)));
        habit.sets_same |= matches!(spoken.statement, Statement::Update(_)) && is_same;
        let exprs = handed_out(&spoken.statement);
        habit.falls_back |= exprs.iter().any(|expr| expr.columns().contains(&old) && is_fallback(expr, new));
    }
}

/// What somebody has said of two columns.
const fn tie(said: Option<bool>) -> Tie {
    match said {
        Some(true) => Tie::Bound,
        Some(false) => Tie::Apart,
        None => Tie::Open,
    }
}

fn link(then: &Format, migration: usize, one: Copied) -> Option<Link> {
    let slot = |name: &str| then.fields.iter().find(|field| field.name == name).map(|field| field.slot);
    // What the script drops goes with nothing any more.
    let from = if one.gone.is_some() { None } else { slot(&one.from) };
    let (from, to) = from.zip(slot(&one.to))?;
    let Copied { is_copy, is_plain, made, .. } = one;
    (from != to).then_some(Link { migration, from, to, is_copy, is_plain, made: Some(made), tie: Tie::Open })
}

/// Whether the one is the other with its own column in the place of that, and tells anything of the row.
pub(super) fn matches_renamed(from: &Expr, to: &Expr, (old, new): (&str, &str)) -> bool {
    to.renamed(new, old).ordered() == from.ordered() && !matches!(from, Expr::Null)
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

/// Whether something else stands in for a NULL in a column.
fn is_fallback(expr: &Expr, name: &str) -> bool {
    let is_own = matches!(expr, Expr::Call(call, arguments)
        if call == "coalesce" && arguments.first().is_some_and(|first| first.columns().contains(&name)));
    is_own || expr.parts().into_iter().any(|part| is_fallback(part, name))
}
