//! Converting records back: what makes data written by the new version readable for the old one.
//!
//! A conversion restores *readability*. It brings nothing back: what was lost stays lost, and a
//! value that has no place in the older format is lost here, unless it is carried in another field.

use super::operation::Held;
use super::{Entity, Failure, Field, Kind, Mask, Rewrite, Slot, Symbols, Table, Touch, Why};
use crate::id::{FormatId, VersionId};

/// One symbol of the newer format and the one of the older format that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolMap {
    /// The enum's slot.
    pub slot: Slot,
    /// The symbol met.
    pub from: String,
    /// The symbol written.
    pub to: String,
}

/// How records of one format are turned into records of another, usually an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The format that the converting version reads with.
    pub from: FormatId,
    /// The format it writes.
    pub to: FormatId,
    /// Slots of which every symbol unknown to `to` is mapped to one that is known.
    pub mapped: Mask,
    /// Slots whose value survives inside the slot `into`.
    pub carried: Mask,
    /// Where carried values go: a map of attributes, a free text.
    pub into: Option<Slot>,
    /// Slots whose values are converted from the unit of `from` to that of `to`.
    pub rescaled: Mask,
    encode: Table,
}

/// What is wrong with a conversion, whatever the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversionError {
    /// The slot is not an enum on both sides.
    NotAnEnum(Slot),
    /// The mapping starts from a symbol that the source does not have.
    NoSuchSource(SymbolMap),
    /// The mapping ends in a symbol that the target does not have.
    NoSuchTarget(SymbolMap),
    /// The source has no such slots to carry.
    NothingToCarry(Mask),
    /// Slots are to be carried, but nowhere, or in a slot that the target does not have.
    NowhereToCarry,
    /// The unit of a slot is the same on both sides, or not known on one: there is nothing to convert.
    SameUnit(Slot),
}

impl Conversion {
    /// Compiles a conversion.
    ///
    /// # Errors
    /// All that is wrong with it.
    ///
    /// # Panics
    /// When a format is not of `entity`.
    pub fn new(
        entity: &Entity,
        (from, to): (FormatId, FormatId),
        symbols: &[SymbolMap],
        carried: Mask,
        into: Option<Slot>,
    ) -> Result<Self, Vec<ConversionError>> {
        let mut errors: Vec<_> = symbols.iter().filter_map(|map| check(entity, from, to, map).err()).collect();
        errors.extend(check_carried(entity, (from, to), carried, into));
        if !errors.is_empty() {
            return Err(errors);
        }
        let encode = Table::encode(entity, from, to);
        let mapped = mapped(entity, (from, to), symbols, &encode);
        Ok(Conversion { from, to, mapped, carried, into, rescaled: Mask::EMPTY, encode })
    }

    /// With the values of some slots converted from the one unit to the other.
    ///
    /// # Errors
    /// The slots whose units do not differ.
    pub fn rescaling(self, entity: &Entity, slots: Mask) -> Result<Self, Vec<ConversionError>> {
        let other = slots - clashing(entity, self.from, self.to);
        if other.is_empty() {
            return Ok(Conversion { rescaled: slots, ..self });
        }
        Err(other.into_iter().map(ConversionError::SameUnit).collect())
    }

    /// Slots with other units in the target, whose values it does not convert.
    #[must_use]
    pub fn unscaled(&self, entity: &Entity) -> Mask {
        clashing(entity, self.from, self.to) - self.rescaled
    }

    /// What encoding into the target format does: the losses, and their reasons.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.encode
    }
}

fn check(entity: &Entity, from: FormatId, to: FormatId, map: &SymbolMap) -> Result<(), ConversionError> {
    let not_an_enum = || ConversionError::NotAnEnum(map.slot);
    let source = symbols_of(entity, from, map.slot).ok_or_else(not_an_enum)?;
    let target = symbols_of(entity, to, map.slot).ok_or_else(not_an_enum)?;
    if !source.all.contains(&map.from) {
        return Err(ConversionError::NoSuchSource(map.clone()));
    }
    if !target.all.contains(&map.to) {
        return Err(ConversionError::NoSuchTarget(map.clone()));
    }
    Ok(())
}

fn check_carried(
    entity: &Entity,
    (from, to): (FormatId, FormatId),
    carried: Mask,
    into: Option<Slot>,
) -> Vec<ConversionError> {
    let mut errors = Vec::new();
    let strangers = carried - entity.format(from).slots();
    if !strangers.is_empty() {
        errors.push(ConversionError::NothingToCarry(strangers));
    }
    let has_place = into.is_some_and(|slot| entity.format(to).slots().contains(slot));
    if !carried.is_empty() && !has_place {
        errors.push(ConversionError::NowhereToCarry);
    }
    errors
}

fn symbols_of(entity: &Entity, format: FormatId, slot: Slot) -> Option<&Symbols> {
    let field = entity.format(format).field(slot).filter(|field| Field::is_enum(field))?;
    field.shape.domain.symbols.as_ref()
}

/// Slots with a unit in `from` and another one in `to`.
fn clashing(entity: &Entity, from: FormatId, to: FormatId) -> Mask {
    let (from, to) = (entity.format(from), entity.format(to));
    let both = (from.slots() & to.slots()).into_iter();
    both.filter(|slot| from.field(*slot).zip(to.field(*slot)).is_some_and(|(a, b)| a.unit.clashes(&b.unit))).collect()
}

/// A hard bit does not say which symbol: a slot counts as mapped only when all that could be are,
/// and when an unknown symbol is the only thing that could stop it.
fn mapped(entity: &Entity, (from, to): (FormatId, FormatId), symbols: &[SymbolMap], encode: &Table) -> Mask {
    let is_mapped = |slot: Slot, symbol: &String| symbols.iter().any(|map| map.slot == slot && map.from == *symbol);
    let all_mapped = |slot: &Slot| {
        let pair = symbols_of(entity, from, *slot).zip(symbols_of(entity, to, *slot));
        pair.is_some_and(|(source, target)| source.unknown_to(target).iter().all(|s| is_mapped(*slot, s)))
    };
    let only_symbols =
        |slot: &Slot| encode.explain(*slot).filter(|f| f.effect.is_error()).all(|f| f.why == Why::UnknownSymbol);
    encode.err_hard.into_iter().filter(all_mapped).filter(only_symbols).collect()
}

/// Converts a record. `decode` is from the record's format to [`Conversion::from`]. A record that
/// is in the target format already is left alone.
///
/// A slot without a field in the target is lost, and a symbol replaced by its stand-in is damaged
/// (the stored value is no longer what was meant), unless the slot is carried. A value that is rescaled means what the
/// target says, if it meant what the source says: one that did not is converted once too often.
///
/// # Errors
/// When the record cannot be read, or holds a value that the target cannot and that is not mapped.
pub fn convert(
    kind: &Kind,
    decode: &Table,
    conversion: &Conversion,
    writer: VersionId,
) -> Result<(Kind, Rewrite), Failure> {
    if kind.format == conversion.to {
        return Ok((*kind, Rewrite::default()));
    }
    let table = &conversion.encode;
    let mut held = Held::decode(kind, decode, conversion.from, Touch::NONE)?;
    held.leave_aside(Touch::NONE);
    let replaced = held.kind.present & held.kind.hard & table.err_hard & conversion.mapped;
    let saved = held.carried & (table.drop | replaced) & conversion.carried;
    held.kind.hard -= replaced;
    held.done.damaged_now |= replaced - conversion.carried;

    let place = conversion.into.filter(|_| !saved.is_empty()).map_or(Mask::EMPTY, Mask::from);
    held.put(place, conversion.to);
    held.encode(table, place, conversion.to)?;
    held.done.lost_now -= saved & table.drop;
    let rescaled = held.kind.present & conversion.rescaled;
    held.done.damaged_now |= rescaled & held.done.read.misread;
    held.kind.stamps.set(rescaled, conversion.to);
    Ok(held.store(conversion.to, writer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{self, ledger, mask};
    use crate::data::{AvroType, Shape, create, read};

    fn slot(entity: &Entity, name: &str) -> Slot {
        entity.slot(name).unwrap()
    }

    fn wallet_to_card(entity: &Entity) -> SymbolMap {
        SymbolMap { slot: slot(entity, "rail"), from: "WALLET".into(), to: "CARD".into() }
    }

    fn back(entity: &Entity, symbols: &[SymbolMap], carried: Mask) -> Conversion {
        let formats = (fixture::id(entity, "ledger-3"), fixture::id(entity, "ledger-2"));
        let into = Some(slot(entity, "attributes"));
        Conversion::new(entity, formats, symbols, carried, into).unwrap()
    }

    /// A ledger-3 record paid by wallet, as written by version 51.
    fn wallet(entity: &Entity) -> Kind {
        let format = fixture::id(entity, "ledger-3");
        create(format, entity.format(format).slots(), mask(entity, &["rail"]), VersionId::new(51))
    }

    fn converted(entity: &Entity, conversion: &Conversion) -> Result<(Kind, Rewrite), Failure> {
        let decode = fixture::decode(entity, "ledger-3", "ledger-3");
        convert(&wallet(entity), &decode, conversion, VersionId::new(51))
    }

    #[test]
    fn a_converted_record_becomes_readable() {
        let entity = ledger();
        let carried = mask(&entity, &["rail", "wallet_id"]);
        let (kind, done) = converted(&entity, &back(&entity, &[wallet_to_card(&entity)], carried)).unwrap();
        let old = fixture::decode(&entity, "ledger-2", "ledger-2");
        assert_eq!(read(&kind, &old).error, None);
        assert!(kind.is_sound(), "everything was carried: {done:?}");
        assert_eq!(kind.format, fixture::id(&entity, "ledger-2"));
        assert_eq!(kind.hard, Mask::EMPTY);
    }

    #[test]
    fn what_is_not_carried_is_lost_or_damaged() {
        let entity = ledger();
        let (kind, _) = converted(&entity, &back(&entity, &[wallet_to_card(&entity)], Mask::EMPTY)).unwrap();
        assert_eq!(kind.lost, mask(&entity, &["wallet_id"]));
        assert_eq!(kind.bad, mask(&entity, &["rail"]));
    }

    #[test]
    fn a_symbol_without_a_stand_in_stops_the_conversion() {
        let entity = ledger();
        let failure = converted(&entity, &back(&entity, &[], Mask::EMPTY)).unwrap_err();
        let Failure::Encode(refusal) = failure else { panic!("{failure:?}") };
        assert_eq!((refusal.slots, refusal.why), (mask(&entity, &["rail"]), Why::UnknownSymbol));
    }

    /// Two formats with a sum in another unit.
    fn units() -> Entity {
        let number = |name: &str, unit: &str| {
            let unit = crate::data::Unit::Stated(unit.into());
            fixture::format(name, vec![Field { unit, ..fixture::field(0, "sum", Shape::avro(AvroType::Long)) }])
        };
        Entity {
            name: "account".into(),
            slots: vec!["sum".into()],
            formats: vec![number("euros", "euros"), number("cents", "cents")],
            stated: Mask::EMPTY,
        }
    }

    #[test]
    fn a_rescaled_value_means_what_the_target_says_if_it_meant_what_the_source_says() {
        let entity = units();
        let [euros, cents] = ["euros", "cents"].map(|name| fixture::id(&entity, name));
        let decode = fixture::decode(&entity, "euros", "euros");
        let plain = Conversion::new(&entity, (euros, cents), &[], Mask::EMPTY, None).unwrap();
        assert_eq!(plain.unscaled(&entity), Mask::ALL & entity.format(euros).slots());
        let rescaling = plain.clone().rescaling(&entity, mask(&entity, &["sum"])).unwrap();
        assert_eq!(rescaling.unscaled(&entity), Mask::EMPTY);
        let new = create(euros, mask(&entity, &["sum"]), Mask::EMPTY, VersionId::new(6));
        let reader = fixture::decode(&entity, "cents", "cents");
        let misread = |kind: &Kind| read(kind, &reader).misread;
        let (kept, _) = convert(&new, &decode, &plain, VersionId::new(6)).unwrap();
        assert_eq!(misread(&kept), kept.present, "the same number, taken for cents");
        let (converted, _) = convert(&new, &decode, &rescaling, VersionId::new(6)).unwrap();
        assert_eq!((misread(&converted), converted.is_sound()), (Mask::EMPTY, true));
        let old = Kind { stamps: create(cents, new.present, Mask::EMPTY, VersionId::new(5)).stamps, ..new };
        let (twice, _) = convert(&old, &decode, &rescaling, VersionId::new(6)).unwrap();
        assert_eq!(twice.bad, new.present, "cents that are taken for euros are multiplied all the same");
    }

    #[test]
    fn what_has_one_unit_is_not_rescaled() {
        let entity = ledger();
        let conversion = back(&entity, &[], Mask::EMPTY);
        let errors = conversion.rescaling(&entity, mask(&entity, &["rail"])).unwrap_err();
        assert_eq!(errors, [ConversionError::SameUnit(slot(&entity, "rail"))]);
    }

    #[test]
    fn a_mapping_of_symbols_is_no_help_against_null() {
        let mut entity = ledger();
        let (old, new) = (fixture::id(&entity, "ledger-2"), fixture::id(&entity, "ledger-3"));
        let rail = &mut entity.formats[new.index()].fields[2];
        rail.shape = rail.shape.clone().or_null();
        let conversion = Conversion::new(&entity, (new, old), &[wallet_to_card(&entity)], Mask::EMPTY, None);
        assert_eq!(conversion.unwrap().mapped, Mask::EMPTY, "a hard value may be null");
    }

    #[test]
    fn a_conversion_brings_nothing_back() {
        let entity = ledger();
        let lost = mask(&entity, &["attributes"]);
        let hurt = Kind { lost, ..wallet(&entity) };
        let carried = mask(&entity, &["rail", "wallet_id"]);
        let conversion = back(&entity, &[wallet_to_card(&entity)], carried);
        let decode = fixture::decode(&entity, "ledger-3", "ledger-3");
        let (kind, _) = convert(&hurt, &decode, &conversion, VersionId::new(51)).unwrap();
        assert_eq!(kind.lost, lost);
    }

    #[test]
    fn a_record_already_in_the_target_format_is_left_alone() {
        let entity = ledger();
        let conversion = back(&entity, &[wallet_to_card(&entity)], Mask::EMPTY);
        let (kind, _) = converted(&entity, &conversion).unwrap();
        let decode = fixture::decode(&entity, "ledger-2", "ledger-3");
        let (again, done) = convert(&kind, &decode, &conversion, VersionId::new(52)).unwrap();
        assert_eq!((again, done), (kind, Rewrite::default()));
    }

    #[test]
    fn all_mistakes_in_a_conversion_are_told_at_once() {
        let entity = ledger();
        let map = |name: &str, from: &str, to: &str| SymbolMap {
            slot: slot(&entity, name),
            from: from.into(),
            to: to.into(),
        };
        let symbols = [map("id", "A", "B"), map("rail", "CASH", "CARD"), map("rail", "WALLET", "CASH")];
        let formats = (fixture::id(&entity, "ledger-3"), fixture::id(&entity, "ledger-2"));
        let errors = Conversion::new(&entity, formats, &symbols, mask(&entity, &["wallet_id"]), None).unwrap_err();
        let expected = [
            ConversionError::NotAnEnum(slot(&entity, "id")),
            ConversionError::NoSuchSource(symbols[1].clone()),
            ConversionError::NoSuchTarget(symbols[2].clone()),
            ConversionError::NowhereToCarry,
        ];
        assert_eq!(errors, expected);
    }
}
