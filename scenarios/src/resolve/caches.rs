//! Caches: what they hold, and whether those who look into them say what for.

use super::derivations::Filling;
use super::programs::{Draft, reader};
use super::{Resolver, data};
use crate::raw::{RawCache, RawCacheKeys, RawInvalidate, RawLookup, RawOp, RawPut, RawUndecodable};
use crate::syntax::{Diagnostic, Map, Spanned, Text, quoted};
use model::access::Verb;
use model::cache::{Cache, Content, Side, Undecodable};
use model::id::{CacheId, EndpointId, FormatId, StoreId, VersionId};
use model::name::Name;
use model::program::Op;
use model::program::Program;
use model::ratio::Ratio;
use model::system::Store;
use model::time::Span;

/// An endpoint that looks into a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    endpoint: EndpointId,
    cache: CacheId,
}

/// Whose requests are about no key, and where they go.
#[derive(Clone, Debug)]
pub(super) struct Keyless {
    pub(super) name: Text,
    pub(super) to: EndpointId,
    /// What to do when they reach a cache.
    pub(super) help: &'static str,
}

impl Resolver<'_> {
    /// Compiles every cache. The entries of one with formats lie in a store of their own, behind those of topics.
    pub(super) fn resolve_caches(&mut self) {
        let raw = self.raw;
        self.system.caches = raw.caches.iter().map(|(name, cache)| self.cache(name, cache)).collect();
    }

    fn content(&mut self, name: &Text, cache: &RawCache) -> Option<Content> {
        if cache.formats.is_empty() {
            let keys = cache.keys.as_ref().map(|keys| keys.span);
            let undecodable = cache.undecodable.as_ref().map(|policy| policy.span);
            for span in keys.into_iter().chain(undecodable) {
                let help = "give it `formats:`, or leave this out";
                self.error_with(span, "the entries of this cache have no format to speak of", help);
            }
            return None;
        }
        if self.names.stores.position(&name.value).or(self.names.topics.position(&name.value)).is_some() {
            let help = "versions say by this name how they read and write: give it another one";
            self.error_with(name.span, "there is a store or a topic of this name", help);
        }
        let entity = self.entity(name, &cache.formats, "cache");
        self.entities.push(entity.clone());
        let store = StoreId::new(self.system.stores.len());
        let entity = entity.unwrap_or_else(|| data::nothing(name));
        let formats = u32::try_from(entity.formats.len()).unwrap_or(u32::MAX).max(1);
        self.system.stores.push(Store { name: Name::new(&name.value), entity, initial: vec![] });
        let is_versioned = cache.keys.as_ref().is_some_and(|keys| keys.value == RawCacheKeys::Versioned);
        let undecodable = match cache.undecodable.as_ref().map(|policy| policy.value) {
            None | Some(RawUndecodable::Error) => Undecodable::Error,
            Some(RawUndecodable::Miss) => Undecodable::Miss,
        };
        Some(Content { store, planes: if is_versioned { formats } else { 1 }, undecodable, warmed: None })
    }

    /// Warns of entries that are filled from a table whose values come to mean something else: nothing tells those from
    /// before it.
    pub(super) fn warn_of_older_entries(&mut self) {
        let raw = self.raw;
        let programs = raw.services.iter().flat_map(|(_, service)| {
            let own = service.versions.iter().flat_map(|(_, version)| version.endpoints.iter());
            service.endpoints.iter().chain(own)
        });
        let lookups = programs.flat_map(|(_, steps)| steps).filter_map(|step| {
            let RawOp::Cache(lookup) = step else { return None };
            Some(lookup)
        });
        for lookup in lookups {
            let reads = lookup.miss.value.iter().filter_map(|step| {
                let RawOp::Read(read) = step else { return None };
                Some(&read.read)
            });
            let tables: Vec<_> = reads.filter_map(|name| Some((name, self.table_named(name)?))).collect();
            for (name, store) in tables {
                self.remade(lookup, name, store);
            }
        }
    }

    /// Migrations of a table that change what values mean: what a cache holds of it, is not judged.
    fn remade(&mut self, lookup: &RawLookup, table: &Text, store: StoreId) {
        let cache = self.names.caches.position(&lookup.cache.value).map(CacheId::new);
        let own = self.system.migrations.iter_mut().filter(|migration| migration.store == store);
        let mut remade = own.filter(|migration| !migration.up.upgrade.restamped.is_empty()).peekable();
        let first = remade.peek().map(|migration| quoted(migration.name.as_str()));
        remade.for_each(|migration| migration.caches.extend(cache.filter(|id| !migration.caches.contains(id))));
        let Some(first) = first else { return };
        let (cache, table) = (quoted(&lookup.cache.value), quoted(&table.value));
        let message = format!("not judged: entries of {cache} that were filled from {table} before {first}");
        let help = "what they hold means something else then: nobody is taken to be misled by it";
        self.out.push(Diagnostic::warning(lookup.cache.span, message).help(help));
    }

    fn cache(&mut self, name: &Text, cache: &RawCache) -> Cache {
        if let Some(capacity) = cache.capacity.as_ref().filter(|capacity| capacity.value == 0) {
            self.error_with(capacity.span, "a cache that holds nothing", "leave the cache out, or give it room");
        }
        let least = Span::from_millis(1);
        let ttl = cache.ttl.map(|ttl: Spanned<Span>| self.at_least(Some(&ttl), least, least, "an entry is good for"));
        Cache {
            name: Name::new(&name.value),
            keys: 0, // known when all sources are
            warm: cache.warm.unwrap_or(Ratio::ZERO),
            capacity: cache.capacity.map(|capacity| capacity.value),
            ttl,
            changes: false, // until a step says so
            content: self.content(name, cache),
        }
    }

    /// How a version decodes and encodes what is in a cache, which it has to declare. Nothing where entries have no
    /// format.
    fn side(&mut self, draft: &mut Draft<'_>, name: &Text, cache: CacheId, values: &Map<Map<Text>>) -> Option<u16> {
        let Some(content) = self.system.cache(cache).content else {
            if let Some((field, _)) = values.iter().next() {
                self.error_with(field.span, "the entries of this cache have no fields", "give it `formats:`");
            }
            return None;
        };
        let touched = self.touched_as(draft, name, content.store)?;
        let what = Filling { values, without: &Map::default(), derives: &Map::default() };
        let (first, count) = self.new_records(draft, &touched, name.span, what)?;
        let read = self.access(draft.version, content.store, Verb::Read(reader(&touched)));
        draft.program.sides.push(Side { read, first, count });
        u16::try_from(draft.program.sides.len() - 1).ok()
    }

    /// A step that writes something that has changed into a cache.
    pub(super) fn put(&mut self, draft: &mut Draft<'_>, put: &RawPut) -> Option<Op> {
        let cache = CacheId::new(self.names.caches.find(&put.put, self.out)?);
        let side = self.side(draft, &put.put, cache, &put.values);
        self.lookups.push(Lookup { endpoint: draft.endpoint, cache });
        self.system.caches[cache.index()].changes = true;
        Some(Op::Fill { cache, side, changed: true })
    }

    /// A step that takes something that has changed out of a cache.
    pub(super) fn invalidate(&mut self, draft: &mut Draft<'_>, step: &RawInvalidate) -> Option<Op> {
        let cache = CacheId::new(self.names.caches.find(&step.invalidate, self.out)?);
        let side = self.side(draft, &step.invalidate, cache, &Map::default());
        self.lookups.push(Lookup { endpoint: draft.endpoint, cache });
        self.system.caches[cache.index()].changes = true;
        Some(Op::Invalidate { cache, side })
    }

    /// Looks into the cache, passes over what fetches it, or fetches it and fills it in.
    pub(super) fn lookup(&mut self, draft: &mut Draft<'_>, step: &RawLookup) {
        let cache = self.names.caches.find(&step.cache, self.out).map(CacheId::new);
        let at = draft.program.ops.len();
        if step.miss.value.is_empty() {
            let finding = Diagnostic::warning(step.miss.span, "nothing is fetched when it is not there");
            self.out.push(finding.help("say what fetches it, as in `miss: [{call: store.get}]`"));
        }
        self.ops(draft, &step.miss.value);
        let Some(cache) = cache else { return };
        let side = self.side(draft, &step.cache, cache, &step.values);
        self.lookups.push(Lookup { endpoint: draft.endpoint, cache });
        draft.program.ops.push(Op::Fill { cache, side, changed: false });
        let skip = u16::try_from(draft.program.ops.len() - at).unwrap_or(u16::MAX);
        draft.program.ops.insert(at, Op::Lookup { cache, skip, side });
    }

    /// Counts the keys each cache is looked into for, and reports those who look into one for nothing.
    pub(super) fn check_caches(&mut self) {
        self.check_used();
        if self.lookups.is_empty() {
            return;
        }
        for source in self.system.sources.clone() {
            let keys = source.keys.map_or(0, |keys| keys.count());
            for cache in self.caches_reached_from(source.endpoint) {
                let cache = &mut self.system.caches[cache.index()];
                cache.keys = cache.keys.max(keys);
            }
        }
        for index in 0..self.system.caches.len() {
            let warmed = self.warmer(CacheId::new(index));
            let content = self.system.caches[index].content.as_mut();
            content.into_iter().for_each(|content| content.warmed = warmed);
        }
        for Keyless { name, to, help } in self.keyless.clone() {
            if let Some(cache) = self.caches_reached_from(to).first() {
                let cache = quoted(self.system.cache(*cache).name.as_str());
                let message =
                    format!("requests of {} reach the cache {cache}, and are about nothing", quoted(&name.value));
                self.error_with(name.span, message, help);
            }
        }
    }

    /// Who has filled a cache in before the start: the first version that runs then and does.
    fn warmer(&self, cache: CacheId) -> Option<(VersionId, FormatId)> {
        let running = self.system.services.iter().map(|service| service.initial);
        running.into_iter().find_map(|version| {
            let mut programs = self.system.version(version).programs.iter();
            programs.find_map(|program| self.filled_by(program, cache)).map(|format| (version, format))
        })
    }

    /// The format a program fills in while all flags are as at the start.
    fn filled_by(&self, program: &Program, cache: CacheId) -> Option<FormatId> {
        let fills = program.ops.iter().find_map(|op| {
            let Op::Fill { cache: own, side, .. } = op else { return None };
            side.filter(|_| *own == cache)
        });
        let side = program.sides[usize::from(fills?)];
        let access = program.open_gate(side.first, side.count, self.system.initial_settings().on())?;
        self.system.access(access).written()
    }

    /// Says which caches nobody looks into.
    fn check_used(&mut self) {
        for (index, (name, _)) in self.raw.caches.iter().enumerate() {
            if self.lookups.iter().all(|lookup| lookup.cache != CacheId::new(index)) {
                let finding = Diagnostic::warning(name.span, "nobody looks into this cache");
                self.out.push(finding.help("an endpoint does with a step like `{cache: name, miss: [...]}`"));
            }
        }
    }

    /// The caches that requests to an endpoint may look into, and the work they leave for later.
    fn caches_reached_from(&self, endpoint: EndpointId) -> Vec<CacheId> {
        let reached = self.reached_from(endpoint);
        let lookups = self.lookups.iter().filter(|lookup| reached[lookup.endpoint.index()]);
        lookups.map(|lookup| lookup.cache).collect()
    }
}
