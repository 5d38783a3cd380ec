//! A whole rollout, step by step: processes stop at once, and serve from the next look on.

use super::*;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const OLD: VersionId = VersionId::ZERO;

fn new() -> VersionId {
    VersionId::new(1)
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

/// One look by a tool that was given so many orders, the first so many of them for all places.
fn look(
    spec: &InPlaceSpec,
    (given, whole): (usize, usize),
    is_held: bool,
    was: &State,
    places: &[PlaceState],
    now: Time,
) -> Pass {
    reconcile(spec, given, is_held, was, &Places::of(whole, places.to_vec()), now)
}

/// The same where every order was for all places.
fn for_all(given: usize) -> (usize, usize) {
    (given, given)
}

fn wave(bake: u64) -> Wave {
    Wave { on: Vec::new(), bake: Span::from_secs(bake) }
}

/// Places in these waves, all on the old version, which are to run the new one.
fn places(waves: &[usize]) -> Vec<PlaceState> {
    let place = |(place, wave): (u32, &usize)| PlaceState {
        place,
        wave: *wave,
        wanted: new(),
        order: 1,
        has: Some(OLD),
        inside: Inside::Available,
        is_reachable: true,
    };
    (0..).zip(waves).map(place).collect()
}

/// Looks again and again at one instant, until nothing is left to do; what was done, and when it looks again. `starts`
/// says whether a version comes up.
fn settle(
    spec: &InPlaceSpec,
    state: &mut State,
    places: &mut [PlaceState],
    now: Time,
    starts: impl Fn(VersionId) -> bool,
) -> (Vec<Step>, Option<Time>) {
    let mut done = Vec::new();
    loop {
        let pass = look(spec, for_all(1), false, state, places, now);
        *state = pass.state;
        for step in &pass.steps {
            match *step {
                Step::Stop(place) => places[place as usize].inside = Inside::Empty,
                Step::Start(place, version) => {
                    let place = &mut places[place as usize];
                    place.has = Some(version);
                    place.inside = if starts(version) { Inside::Available } else { Inside::Unavailable };
                }
                Step::Pass(_) | Step::Through(_) | Step::Idle(..) => {}
            }
            let missing = places.iter().filter(|place| place.inside != Inside::Available).count();
            assert!(missing <= spec.room(), "{missing} of {places:?}");
        }
        if pass.steps.is_empty() {
            return (done, pass.recheck);
        }
        done.extend(pass.steps);
    }
}

fn updated(places: &[PlaceState]) -> Vec<u32> {
    places.iter().filter(|place| place.has == Some(new())).map(|place| place.place).collect()
}

#[test]
fn it_goes_from_place_to_place() {
    let (spec, mut places) = (InPlaceSpec { replicas: 3, ..InPlaceSpec::default() }, places(&[0; 3]));
    let (done, recheck) = settle(&spec, &mut State::default(), &mut places, at(0), |_| true);
    let one = |place| [Step::Stop(place), Step::Start(place, new())];
    assert_eq!(done, [one(0), one(1), one(2)].concat());
    assert_eq!(recheck, None);
}

#[test]
fn a_place_out_of_reach_stays_behind_and_nobody_goes_back_for_it() {
    let (spec, mut places) = (InPlaceSpec { replicas: 8, ..InPlaceSpec::default() }, places(&[0; 8]));
    let mut state = State::default();
    places[5].is_reachable = false;
    let (done, _) = settle(&spec, &mut state, &mut places, at(0), |_| true);
    assert!(done.contains(&Step::Pass(5)));
    assert_eq!(updated(&places), [0, 1, 2, 3, 4, 6, 7]);
    places[5].is_reachable = true;
    assert_eq!(settle(&spec, &mut state, &mut places, at(9), |_| true).0, []);
    let again = look(&spec, for_all(2), false, &state, &places, at(10));
    assert_eq!(again.steps, [Step::Stop(5)], "another order does");
}

#[test]
fn or_the_rollout_waits_for_it() {
    let spec = InPlaceSpec {
        replicas: 4,
        unreachable: Unreachable::Wait,
        waves: vec![wave(0), wave(0)],
        ..Default::default()
    };
    let (mut state, mut places) = (State::default(), places(&[0, 0, 1, 1]));
    places[1].is_reachable = false;
    settle(&spec, &mut state, &mut places, at(0), |_| true);
    assert_eq!(updated(&places), [0], "nor does the next wave begin");
    places[1].is_reachable = true;
    settle(&spec, &mut state, &mut places, at(1), |_| true);
    assert_eq!(updated(&places), [0, 1, 2, 3]);
}

#[test]
fn a_wave_bakes_before_the_next_one_begins() {
    let waves = vec![wave(600), wave(60), wave(0)];
    let spec = InPlaceSpec { replicas: 4, waves, ..InPlaceSpec::default() };
    let (mut state, mut places) = (State::default(), places(&[1, 0, 0, 2]));
    let mut settled = |now| {
        let (_, recheck) = settle(&spec, &mut state, &mut places, now, |_| true);
        (updated(&places), recheck)
    };
    assert_eq!(settled(at(0)), (vec![1, 2], Some(at(600))));
    assert_eq!(settled(at(599)), (vec![1, 2], Some(at(600))));
    assert_eq!(settled(at(600)), (vec![0, 1, 2], Some(at(660))));
    assert_eq!(settled(at(660)), (vec![0, 1, 2, 3], None));
}

#[test]
fn waves_in_which_nothing_is_replaced_do_not_bake() {
    let spec = InPlaceSpec { replicas: 2, waves: vec![wave(600), wave(0)], ..InPlaceSpec::default() };
    let (mut state, mut places) = (State::default(), places(&[0, 1]));
    places[0].has = Some(new());
    let (done, _) = settle(&spec, &mut state, &mut places, at(0), |_| true);
    assert_eq!(done, [Step::Idle(1, 1), Step::Stop(1), Step::Start(1, new())]);
}

#[test]
fn an_order_for_a_part_leaves_the_course_of_the_others() {
    let spec = InPlaceSpec { replicas: 4, waves: vec![wave(600), wave(60), wave(0)], ..InPlaceSpec::default() };
    let (mut state, mut places) = (State::default(), places(&[0, 0, 1, 2]));
    places[1].is_reachable = false;
    settle(&spec, &mut state, &mut places, at(0), |_| true);
    assert_eq!((updated(&places), &state.passed), (vec![0], &BTreeSet::from([1])));
    places.iter_mut().for_each(|place| place.is_reachable = true);
    let orders = (2, 1);
    (places[3].order, places[3].wanted) = (2, VersionId::new(2));
    let pass = look(&spec, orders, false, &state, &places, at(60));
    assert_eq!(pass.steps, [Step::Stop(3)], "at once, and nobody else");
    assert_eq!(pass.recheck, Some(at(600)), "the wave bakes on");
    assert_eq!(pass.state.passed, BTreeSet::from([1]), "that order was not for it");

    (places[1].order, places[3].has) = (3, places[3].has.map(|_| VersionId::new(2)));
    let pass = look(&spec, (3, 1), false, &pass.state, &places, at(61));
    assert_eq!((pass.steps, pass.recheck), (vec![Step::Stop(1)], Some(at(600))), "this one is");
    places[1].inside = Inside::Unavailable;
    places[1].has = Some(new());
    let pass = look(&spec, (3, 1), true, &pass.state, &places, at(600));
    let pass = look(&spec, (3, 1), false, &pass.state, &places, at(601));
    assert_eq!(pass.state.wave, 1, "no wave waits for a place that goes apart");
}

#[test]
fn what_does_not_come_up_stops_it_and_an_order_to_go_back_is_carried_out() {
    let spec = InPlaceSpec { replicas: 5, batch: CountOrShare::Count(2), ..InPlaceSpec::default() };
    let (mut state, mut places) = (State::default(), places(&[0; 5]));
    settle(&spec, &mut state, &mut places, at(0), |version| version == OLD);
    assert_eq!(updated(&places), [0, 1], "two at a time, and there it stays");
    places.iter_mut().for_each(|place| place.wanted = OLD);
    let back = look(&spec, for_all(2), false, &state, &places, at(9));
    assert_eq!(back.steps, [Step::Stop(0), Step::Stop(1)], "those that do not serve need no room");
}

#[test]
fn a_held_rollout_fills_what_is_empty_and_nothing_else() {
    let spec = InPlaceSpec { replicas: 3, waves: vec![wave(0), wave(0)], ..InPlaceSpec::default() };
    let mut places = places(&[0, 0, 1]);
    (places[0].inside, places[2].inside) = (Inside::Empty, Inside::Empty);
    let pass = look(&spec, for_all(1), true, &State::default(), &places, at(0));
    assert_eq!(pass.steps, [Step::Start(0, new()), Step::Start(2, OLD)], "a later wave keeps what it had");
}

/// Neither a place that is new nor one whose process the tool has stopped before its host was lost.
#[test]
fn nothing_is_started_where_nobody_can_go() {
    let spec = InPlaceSpec { replicas: 2, unreachable: Unreachable::Skip, ..InPlaceSpec::default() };
    let mut places = places(&[0, 0]);
    places.iter_mut().for_each(|place| (place.inside, place.is_reachable) = (Inside::Empty, false));
    places[1].has = None;
    let pass = look(&spec, for_all(1), false, &State::default(), &places, at(0));
    assert_eq!(pass.steps, [Step::Pass(0), Step::Pass(1)]);
    places.iter_mut().for_each(|place| place.is_reachable = true);
    let pass = look(&spec, for_all(1), false, &pass.state, &places, at(60));
    assert_eq!(pass.steps, [Step::Start(0, OLD), Step::Start(1, new())], "what was passed over keeps what it had");
}

#[test]
fn a_new_place_beyond_the_wave_gets_what_is_there() {
    let spec = InPlaceSpec { replicas: 4, waves: vec![wave(600), wave(0)], ..InPlaceSpec::default() };
    let mut all = places(&[0, 0, 1, 1]);
    let mut state = State::default();
    settle(&spec, &mut state, &mut all, at(0), |_| true);
    assert_eq!(all.iter().map(|place| place.has).collect::<Vec<_>>(), [Some(new()), Some(new()), Some(OLD), Some(OLD)]);

    let added = |wave| PlaceState { place: 4 + wave as u32, wave, has: None, inside: Inside::Empty, ..all[0] };
    let more: Vec<_> = all.iter().copied().chain([added(0), added(1)]).collect();
    let held = look(&spec, for_all(1), true, &state, &more, at(1));
    assert_eq!(held.steps, [Step::Start(4, new()), Step::Start(5, OLD)], "also while it is held");
    let mut emptied = more.clone();
    emptied.iter_mut().filter(|place| place.has == Some(OLD)).for_each(|place| place.has = None);
    let alone = look(&spec, for_all(1), true, &state, &emptied, at(1));
    assert!(alone.steps.contains(&Step::Start(5, new())), "nothing of before is left to go by");
}

#[test]
fn waves_with_nothing_left_to_do_are_told_once_when_one_that_has_begins() {
    let spec = InPlaceSpec { replicas: 4, waves: vec![wave(60), wave(60), wave(60)], ..InPlaceSpec::default() };
    let mut places = places(&[0, 1, 2, 2]);
    places[..2].iter_mut().for_each(|place| place.has = Some(new()));
    let (done, _) = settle(&spec, &mut State::default(), &mut places, at(0), |_| true);
    assert_eq!(done[..2], [Step::Idle(2, 2), Step::Stop(2)], "neither of them bakes");
    assert_eq!(done.iter().filter(|step| matches!(step, Step::Idle(..))).count(), 1);
    places.iter_mut().for_each(|place| place.has = Some(OLD));
    let (done, _) = settle(&spec, &mut State::default(), &mut places, at(0), |_| true);
    assert!(done.iter().all(|step| !matches!(step, Step::Idle(..))), "{done:?}");
}

fn any_place() -> impl Strategy<Value = PlaceState> {
    let insides = [Inside::Empty, Inside::Stopping, Inside::Unavailable, Inside::Available, Inside::Available];
    let had = option::of((0..2_usize).prop_map(VersionId::new));
    let told = (0..3_usize, 0..2_usize, 1..4_usize);
    (told, had, select(insides.to_vec()), prop::bool::weighted(0.8)).prop_map(|(told, has, inside, is_reachable)| {
        let (wave, wanted, order) = told;
        PlaceState { place: 0, wave, wanted: VersionId::new(wanted), order, has, inside, is_reachable }
    })
}

proptest! {
    /// What is written down as places change is what a look at each of them shows.
    #[test]
    fn places_that_change_are_those_that_are_there(
        drawn in vec(any_place(), 1..12),
        changes in vec((any::<Index>(), any_place()), 0..30),
        whole in 1..3_usize,
    ) {
        let mut all = numbered(drawn);
        let mut places = Places::of(whole, all.clone());
        for (at, then) in changes {
            let at = at.index(all.len());
            let own = &mut all[at];
            *own = PlaceState { place: own.place, wave: own.wave, order: own.order, ..then };
            places.update(*own);
        }
        prop_assert_eq!(places, Places::of(whole, all));
    }

    /// Whose turn it is comes out the same where every place is looked at.
    #[test]
    fn those_are_replaced_whom_a_look_at_each_place_finds(
        drawn in vec(any_place(), 1..12),
        passed in btree_set(0..12_u32, 0..3),
        (batch, wave, whole) in (1..4_u32, 0..3_usize, 1..3_usize),
        unreachable in select(vec![Unreachable::Skip, Unreachable::Wait]),
    ) {
        let all = numbered(drawn);
        let spec = InPlaceSpec { batch: CountOrShare::Count(batch), unreachable, ..InPlaceSpec::default() };
        let mut pass = Pass { state: State { wave, passed, ..State::default() }, ..Pass::default() };
        let expected = replaced_by_a_look_at_each(&spec, &pass.state, whole, &all);
        pass.replace(&spec, &Places::of(whole, all));
        prop_assert_eq!(pass.steps, expected);
    }
}

fn numbered(drawn: Vec<PlaceState>) -> Vec<PlaceState> {
    (0..).zip(drawn).map(|(place, own)| PlaceState { place, ..own }).collect()
}

/// Stops and passes, each place being looked at.
fn replaced_by_a_look_at_each(spec: &InPlaceSpec, state: &State, whole: usize, all: &[PlaceState]) -> Vec<Step> {
    let missing = all.iter().filter(|own| own.inside != Inside::Available).count();
    let mut room = spec.room().saturating_sub(missing);
    let is_its_turn = |own: &&PlaceState| own.order > whole || own.wave <= state.wave;
    let is_due = |own: &&PlaceState| own.has != Some(own.wanted) && !state.passed.contains(&own.place);
    let mut due: Vec<_> = all.iter().filter(is_its_turn).filter(is_due).collect();
    due.sort_by_key(|own| own.inside == Inside::Available);
    let step = |own: &PlaceState| match (own.is_reachable, own.inside) {
        (false, _) => (spec.unreachable == Unreachable::Skip).then_some(Step::Pass(own.place)),
        (true, Inside::Empty | Inside::Stopping) => None,
        (true, Inside::Unavailable) => Some(Step::Stop(own.place)),
        (true, Inside::Available) => room.checked_sub(1).map(|left| {
            room = left;
            Step::Stop(own.place)
        }),
    };
    due.into_iter().filter_map(step).collect()
}
