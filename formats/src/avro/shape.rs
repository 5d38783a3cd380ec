//! Types: what `apache-avro` parsed, as shapes of the model.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::schema::{DecimalSchema, EnumSchema, FixedSchema, InnerDecimalSchema, Name, RecordSchema, UuidSchema};
use model::data::{AvroType, Domain, Shape, Symbols, Wire};

use super::type_name;

/// A type that cannot be represented faithfully.
pub(super) struct Unsupported {
    /// The way down to it from the field: `, items`.
    pub(super) place: String,
    pub(super) found: String,
    pub(super) help: String,
}

/// A record in the values of a field.
pub(super) struct Held<'a> {
    /// The way down to it, but for its name: `[]` to what a list has, `{}` to what a map has.
    way: String,
    pub(super) record: &'a RecordSchema,
}

impl Held<'_> {
    /// All paths to it, by its own name first, then by its aliases; `paths` are those to the field.
    pub(super) fn paths(&self, paths: &[String]) -> Vec<String> {
        let names = type_name(&self.record.name, self.record.aliases.as_ref());
        let aliases = names.aliases.iter().map(|alias| alias.rsplit('.').next().unwrap_or(alias));
        let names: Vec<&str> = std::iter::once(names.short()).chain(aliases).collect();
        let way = &self.way;
        paths.iter().flat_map(|path| names.iter().map(move |name| format!("{path}{way}<{name}>"))).collect()
    }

    /// Why it cannot be told apart from what is around it, or from those beside it.
    pub(super) fn mistake(&self, beside: &[Held<'_>], around: &[String]) -> Option<Unsupported> {
        let name = &self.record.name;
        if around.contains(&name.fullname(None)) {
            return Some(endless(name));
        }
        let is_same = |other: &Held<'_>| other.way == self.way && other.record.name.name() == name.name();
        beside.iter().any(is_same).then(|| Unsupported {
            place: String::new(),
            found: format!("found two records {} in one union", name.name()),
            help: "they are told apart by their names without the namespace: give one of them another".into(),
        })
    }
}

/// The named types of a schema: a type is defined once and then meant by its name.
pub(super) struct Types<'a> {
    named: BTreeMap<String, &'a Schema>,
}

impl<'a> Types<'a> {
    /// The types defined in the fields of `record`.
    pub(super) fn of(record: &'a RecordSchema) -> Self {
        let mut types = Types { named: BTreeMap::new() };
        record.fields.iter().for_each(|field| types.collect(&field.schema));
        types
    }

    fn collect(&mut self, schema: &'a Schema) {
        match schema {
            Schema::Array(array) => self.collect(&array.items),
            Schema::Map(map) => self.collect(&map.types),
            Schema::Union(union) => union.variants().iter().for_each(|branch| self.collect(branch)),
            Schema::Ref { .. } => {}
            other => {
                let aliases = other.aliases().into_iter().flatten().map(|alias| alias.fullname(None));
                let names = other.name().map(|name| name.fullname(None)).into_iter().chain(aliases);
                self.named.extend(names.map(|name| (name, other)));
                if let Schema::Record(record) = other {
                    record.fields.iter().for_each(|field| self.collect(&field.schema));
                }
            }
        }
    }

    /// The records that a field's values have, not those inside of them.
    pub(super) fn records(&self, schema: &'a Schema) -> Vec<Held<'a>> {
        let below = |step: &str, schema: &'a Schema| {
            let held: Vec<Held<'a>> = self.records(schema);
            held.into_iter().map(|one| Held { way: format!("{step}{}", one.way), ..one }).collect()
        };
        match schema {
            Schema::Record(record) => vec![Held { way: String::new(), record }],
            Schema::Array(array) => below("[]", &array.items),
            Schema::Map(map) => below("{}", &map.types),
            Schema::Union(union) => union.variants().iter().flat_map(|branch| self.records(branch)).collect(),
            Schema::Ref { name } => {
                let meant = self.named.get(&name.fullname(None));
                meant.map_or_else(Vec::new, |schema| self.records(schema))
            }
            _ => Vec::new(),
        }
    }

    /// The shape of a field's values.
    pub(super) fn shape(&self, schema: &Schema) -> Result<Shape, Unsupported> {
        let wire = match schema {
            Schema::Enum(symbols) => return Ok(enumeration(symbols)),
            Schema::Union(union) => return self.union(union.variants()),
            Schema::Ref { name } => return self.named(name),
            Schema::Record(record) => AvroType::Record { name: type_name(&record.name, record.aliases.as_ref()) },
            Schema::Array(array) => AvroType::Array(Box::new(within(", items", self.shape(&array.items))?)),
            Schema::Map(map) => AvroType::Map(Box::new(within(", values", self.shape(&map.types))?)),
            Schema::Decimal(inner) => decimal(inner),
            other => primitive(other),
        };
        let shape = Shape::avro(wire);
        Ok(match logical(schema) {
            Some(name) => shape.logical(name),
            None => shape,
        })
    }

    fn named(&self, name: &Name) -> Result<Shape, Unsupported> {
        match self.named.get(&name.fullname(None)) {
            Some(schema) => self.shape(schema),
            // Only the record at the top.
            None => Err(endless(name)),
        }
    }

    /// `null` goes to the domain; a single branch that is left is the type itself.
    fn union(&self, variants: &[Schema]) -> Result<Shape, Unsupported> {
        let values = variants.iter().filter(|schema| **schema != Schema::Null);
        let branches = values.map(|schema| within(", union branch", self.shape(schema)));
        let mut branches = branches.collect::<Result<Vec<Shape>, _>>()?;
        let is_nullable = branches.len() < variants.len();
        let shape = match (branches.len(), is_nullable) {
            (0, false) => return Err(empty_union()),
            (0, true) => Shape::avro(AvroType::Null),
            (1, _) => branches.remove(0),
            _ => Shape { wire: Wire::Avro(AvroType::Union(branches)), domain: Domain::default() },
        };
        Ok(if is_nullable { shape.or_null() } else { shape })
    }
}

fn within(step: &str, shape: Result<Shape, Unsupported>) -> Result<Shape, Unsupported> {
    shape.map_err(|error| Unsupported { place: format!("{step}{}", error.place), ..error })
}

fn endless(name: &Name) -> Unsupported {
    Unsupported {
        place: String::new(),
        found: format!("found the record {} inside itself", name.fullname(None)),
        help: "records without an end are not supported: put its fields into the record around".into(),
    }
}

fn empty_union() -> Unsupported {
    Unsupported {
        place: String::new(),
        found: "found a union without branches".into(),
        help: "no value can be written: give it a branch".into(),
    }
}

fn enumeration(schema: &EnumSchema) -> Shape {
    let all = schema.symbols.iter().cloned().collect();
    let name = type_name(&schema.name, schema.aliases.as_ref());
    Shape::avro_enum(name, Symbols { all, default: schema.default.clone() })
}

fn fixed(schema: &FixedSchema) -> AvroType {
    let name = type_name(&schema.name, schema.aliases.as_ref());
    AvroType::Fixed { name, size: schema.size }
}

fn decimal(schema: &DecimalSchema) -> AvroType {
    let base = match &schema.inner {
        InnerDecimalSchema::Bytes => AvroType::Bytes,
        InnerDecimalSchema::Fixed(inner) => fixed(inner),
    };
    let (precision, scale) = (schema.precision, schema.scale);
    AvroType::Decimal { precision, scale, base: Box::new(Shape::avro(base)) }
}

/// What the specification calls a logical type. `decimal` is a type of its own here.
fn logical(schema: &Schema) -> Option<&'static str> {
    Some(match schema {
        Schema::Date => "date",
        Schema::TimeMillis => "time-millis",
        Schema::TimeMicros => "time-micros",
        Schema::TimestampMillis => "timestamp-millis",
        Schema::TimestampMicros => "timestamp-micros",
        Schema::TimestampNanos => "timestamp-nanos",
        Schema::LocalTimestampMillis => "local-timestamp-millis",
        Schema::LocalTimestampMicros => "local-timestamp-micros",
        Schema::LocalTimestampNanos => "local-timestamp-nanos",
        Schema::BigDecimal => "big-decimal",
        Schema::Duration(_) => "duration",
        Schema::Uuid(_) => "uuid",
        _ => return None,
    })
}

/// Primitive types, and logical types as the type that carries them.
fn primitive(schema: &Schema) -> AvroType {
    match schema {
        Schema::Null => AvroType::Null,
        Schema::Boolean => AvroType::Boolean,
        Schema::Int | Schema::Date | Schema::TimeMillis => AvroType::Int,
        Schema::Long
        | Schema::TimeMicros
        | Schema::TimestampMillis
        | Schema::TimestampMicros
        | Schema::TimestampNanos
        | Schema::LocalTimestampMillis
        | Schema::LocalTimestampMicros
        | Schema::LocalTimestampNanos => AvroType::Long,
        Schema::Float => AvroType::Float,
        Schema::Double => AvroType::Double,
        Schema::Bytes | Schema::BigDecimal | Schema::Uuid(UuidSchema::Bytes) => AvroType::Bytes,
        Schema::String | Schema::Uuid(UuidSchema::String) => AvroType::String,
        Schema::Fixed(inner) | Schema::Duration(inner) | Schema::Uuid(UuidSchema::Fixed(inner)) => fixed(inner),
        Schema::Array(_)
        | Schema::Map(_)
        | Schema::Union(_)
        | Schema::Record(_)
        | Schema::Enum(_)
        | Schema::Decimal(_)
        | Schema::Ref { .. } => unreachable!("not a primitive: {schema:?}"),
    }
}
