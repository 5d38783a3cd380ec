//! Caches: what they hold, and whether those who look into them say what for.

use super::Resolver;
use super::programs::Draft;
use crate::raw::{RawCache, RawLookup};
use crate::syntax::{Diagnostic, Spanned, Text, quoted};
use model::cache::Cache;
use model::id::{CacheId, EndpointId};
use model::name::Name;
use model::program::Op;
use model::ratio::Ratio;
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
    pub(super) fn resolve_caches(&mut self) {
        let raw = self.raw;
        self.system.caches = raw.caches.iter().map(|(name, cache)| self.cache(name, cache)).collect();
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
        }
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
        self.lookups.push(Lookup { endpoint: draft.endpoint, cache });
        draft.program.ops.push(Op::Fill(cache));
        let skip = u16::try_from(draft.program.ops.len() - at).unwrap_or(u16::MAX);
        draft.program.ops.insert(at, Op::Lookup { cache, skip });
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
        for Keyless { name, to, help } in self.keyless.clone() {
            if let Some(cache) = self.caches_reached_from(to).first() {
                let cache = quoted(self.system.cache(*cache).name.as_str());
                let message =
                    format!("requests of {} reach the cache {cache}, and are about nothing", quoted(&name.value));
                self.error_with(name.span, message, help);
            }
        }
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
        let mut reached = vec![false; self.system.endpoints.len()];
        let mut next = vec![endpoint];
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut reached[at.index()], true) {
                next.extend(self.calls.iter().filter(|call| call.from == at).map(|call| call.to));
            }
        }
        let lookups = self.lookups.iter().filter(|lookup| reached[lookup.endpoint.index()]);
        lookups.map(|lookup| lookup.cache).collect()
    }
}
