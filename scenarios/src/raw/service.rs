//! Services: endpoints and what they do, versions and what they declare.

use super::{
    RawAccess, RawAutoscale, RawBackoff, RawBlueGreen, RawCanary, RawFlagger, RawInPlace, RawInvalidate, RawLaw,
    RawLookup, RawPut, RawRetryOn, RawRollout, RawSpeech, RawStatefulSet,
};
use crate::syntax::{Map, OneOrMany, Spanned, Text, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// A service.
    pub struct RawService as "a service" {
        /// Workload tier, from 1 (revenue) to 5 (data pipelines) (default 2).
        tier: Option<Spanned<u32>>,
        /// Whether somebody else runs it: a partner nobody here can deploy or roll back. Its version changes as a
        /// fault, with `change` (default no).
        external: Option<bool>,
        /// How many replicas run; with `autoscale`, at the start (default 2, or as near to it as `autoscale` allows).
        replicas: Option<Spanned<u32>>,
        /// Replicas of one version that run beside it and are asked by nobody, until `switch` sends its traffic there.
        standby: Option<RawStandby>,
        /// Changes the number of replicas with the load: a Kubernetes HorizontalPodAutoscaler.
        autoscale: Option<RawAutoscale>,
        /// How many requests a replica works on at a time (default 8).
        concurrency: Option<Spanned<u32>>,
        /// How many more may wait at a replica; the next is rejected (default 1000).
        queue: Option<u32>,
        /// What versions of configs make of `concurrency` and `queue`: a process goes by the last one that holds.
        limits: Vec<RawLimits>,
        /// How its requests share the workers of a replica (default `fifo`).
        discipline: Option<RawDiscipline>,
        /// Whether a request whose caller has stopped waiting is dropped when a worker would begin it (default no).
        drop_expired: Option<Spanned<bool>>,
        /// How its requests are spread over its replicas (default `round-robin`).
        balancer: Option<Spanned<RawBalancer>>,
        /// With `balancer: weighted`, the share of each version: `{51: 90 %, 52: 10 %}`. A version without a replica
        /// that serves leaves its share to the others; one that is not named gets none.
        weights: Map<Spanned<Ratio>>,
        /// Whether replicas near the caller are preferred (default: no).
        locality: Option<RawLocality>,
        /// The zones its replicas run in, in turn (default: all).
        zones: OneOrMany<Text>,
        /// The regions in whose zones its replicas run, instead of `zones`.
        regions: OneOrMany<Text>,
        /// From the start of a process to its first request (default 10s).
        startup: Option<RawLaw>,
        /// How much slower a replica is that has just become ready (default: not at all).
        warmup: Option<RawWarmup>,
        /// How its replicas break down and are repaired, each on its own (default: never).
        breakdowns: Option<RawBreakdowns>,
        /// How long a stopping replica may finish what it has begun (default 30s).
        drain: Option<Span>,
        /// How many of its replicas an eviction may leave missing (default: any number): a PodDisruptionBudget.
        disruptions: Option<u32>,
        /// How its rollouts go, when a Kubernetes Deployment sees to them, as it does unless another controller is
        /// named.
        rollout: Option<Spanned<RawRollout>>,
        /// A Kubernetes StatefulSet sees to its rollouts: replicas have places, and are replaced one by one.
        statefulset: Option<Spanned<RawStatefulSet>>,
        /// An Argo Rollout sees to its rollouts, step by step.
        canary: Option<Spanned<RawCanary>>,
        /// An Argo Rollout sees to its rollouts: both versions in full, and one switch.
        blue_green: Option<Spanned<RawBlueGreen>>,
        /// A tool that goes from host to host sees to its rollouts, in waves if it is told so.
        in_place: Option<Spanned<RawInPlace>>,
        /// Flagger sees to its rollouts: step by step, and then once more in the place of the old version.
        flagger: Option<Spanned<RawFlagger>>,
        /// A tool makes it what is written of it in Git. `commit` writes; `deploy`, `undo` and the rest are done by
        /// hand.
        gitops: Option<RawGitOps>,
        /// What it can be asked, by name.
        endpoints: Map<RawProgram>,
        /// Its versions, oldest first. Without any, there is a version `1`.
        versions: Map<RawVersion>,
        /// The version that runs at the start (default: the first).
        runs: Option<Text>,
        /// The stages a new build goes through before it can be deployed.
        pipeline: Vec<RawStage>,
    }
}

record! {
    /// What a version of a config makes of how much a replica takes on.
    pub struct RawLimits as "limits" {
        /// The config and its version: `limits 2`.
        config: Text,
        /// How many requests a replica works on at a time (default: as ever).
        concurrency: Option<Spanned<u32>>,
        /// How many more may wait at a replica (default: as ever).
        queue: Option<u32>,
    }
}

record! {
    /// A warm standby: no controller or autoscaler sees to it.
    pub struct RawStandby as "a standby" {
        /// The version that stands by, by its label.
        version: Text,
        /// How many replicas of it (default: as many as the service has).
        replicas: Option<Spanned<u32>>,
    }
}

record! {
    /// A tool that makes a service what is written of it in Git: its version and, without an autoscaler, its number of
    /// replicas.
    pub struct RawGitOps as "GitOps" {
        /// From one sync to the next (default 3m).
        every: Option<Spanned<Span>>,
        /// Whether a sync takes back what was changed by hand, though nothing else is written (default no).
        self_heal: Option<bool>,
        /// From the decision to write something to its being there: review and checks (default 0s).
        merge: Option<RawLaw>,
    }
}

keyword! {
    /// How the requests at a replica share its workers.
    pub enum RawDiscipline as "a discipline" {
        /// First come, first served: a worker works on one request, the others wait.
        Fifo = "fifo",
        /// All are worked on at once, each at an even share of the workers and at one worker at most.
        ProcessorSharing = "processor-sharing",
    }
}

record! {
    /// How much slower a replica is that has just become ready. The initial replicas are warm.
    pub struct RawWarmup as "a warm-up" {
        /// From being ready to full speed.
        lasts: Spanned<Span>,
        /// How many times longer work takes at first, like `3`; the factor falls evenly to 1.
        slowdown: Text,
    }
}

record! {
    /// Breakdowns of replicas, whether or not there is work. Work stands still and goes on after the repair.
    pub struct RawBreakdowns as "breakdowns" {
        /// From being ready, or repaired, to the next breakdown.
        up: Spanned<RawLaw>,
        /// From a breakdown to the end of its repair.
        down: RawLaw,
    }
}

keyword! {
    /// How requests are spread over replicas.
    pub enum RawBalancer as "a balancer" {
        /// Each in turn.
        RoundRobin = "round-robin",
        /// The one with the fewest requests in flight.
        LeastLoaded = "least-loaded",
        /// The less loaded of two drawn at random.
        PowerOfTwo = "power-of-two",
        /// The same one for the same key, as long as it serves.
        Sticky = "sticky",
        /// By shares of versions, see `weights`.
        Weighted = "weighted",
    }
}

keyword! {
    /// How near a replica is preferred, when one serves there.
    pub enum RawLocality as "a locality" {
        /// In the caller's zone.
        Zone = "zone",
        /// In the caller's region.
        Region = "region",
    }
}

record! {
    /// A stage of a pipeline.
    pub struct RawStage as "a pipeline stage" {
        /// What happens in it.
        stage: String,
        /// How long it takes.
        takes: RawLaw,
        /// The share of the times it is gone through that it fails; the pipeline begins again then (default 0 %).
        fails: Option<Spanned<Ratio>>,
    }
}

/// What an endpoint does, first to last.
pub type RawProgram = Vec<RawOp>;

choice! {
    /// A step of an endpoint.
    pub enum RawOp as "a step" {
        /// Keeps a worker of the replica busy.
        Work(RawWork),
        /// Calls another endpoint.
        Call(RawCall),
        /// Calls several endpoints at once.
        Parallel(RawParallel),
        /// Writes a new record.
        Create(RawCreate),
        /// Reads a record.
        Read(RawRead),
        /// Reads a record, changes it, writes it back.
        Rewrite(RawRewrite),
        /// Leaves work for later.
        Later(RawLater),
        /// Appends a message to a topic.
        Publish(RawPublish),
        /// Does something outside the system.
        Effect(RawCause),
        /// Does steps that are taken back when one of them fails.
        Saga(RawSaga),
        /// Looks into a cache, and fetches what is not there.
        Cache(RawLookup),
        /// Writes something that has changed into a cache.
        Put(RawPut),
        /// Takes something that has changed out of a cache.
        Invalidate(RawInvalidate),
        /// Does the steps only under a condition.
        When(RawWhen),
    }
}

record! {
    /// Time a worker is busy.
    pub struct RawWork as "a work step" {
        /// How long: `5ms`, `{mean: 5ms}`, `{p50: 5ms, p99: 40ms}`, or any percentiles like
        /// `{p0: 1ms, p50: 5ms, p90: 20ms, p99.9: 300ms}`.
        work: RawLaw,
    }
}

record! {
    /// A call to another endpoint; the caller waits for the answer.
    pub struct RawCall as "a call" {
        /// The endpoint, as `service.endpoint`.
        call: Text,
        /// How long to wait for one attempt; for ever without one.
        timeout: Option<Spanned<Span>>,
        /// How many more attempts after the first (default 0).
        retries: Option<Spanned<u32>>,
        /// After which failures it is tried again (default `errors`).
        retry_on: Option<RawRetryOn>,
        /// How long to wait between attempts: `100ms`, or `{first: 100ms, cap: 5s, jitter: yes}` (default 0s).
        backoff: Option<RawBackoff>,
        /// Retries allowed, as a share of the requests a process makes here: `10 %` (default any number).
        retry_budget: Option<Ratio>,
        /// When a process stops asking for a while.
        breaker: Option<RawBreaker>,
        /// Whether to go on without an answer (default no).
        optional: Option<bool>,
        /// Whether to tell the callee how long the caller waits, so that it does not work on for nobody (default no).
        pass_deadline: Option<bool>,
        /// Without an answer for so long, send the attempt once more, to another replica where there is one, and take
        /// the first good answer.
        hedge: Option<Spanned<Span>>,
    }
}

record! {
    /// A circuit breaker: after failures in a row, a process stops asking for a while, then tries one request.
    pub struct RawBreaker as "a breaker" {
        /// Failures in a row that open it.
        failures: Spanned<u32>,
        /// How long it stays open before it lets one request through.
        open: Spanned<Span>,
    }
}

record! {
    /// Calls made at once; the caller waits for all of them.
    pub struct RawParallel as "a parallel step" {
        /// The calls.
        parallel: Spanned<Vec<RawCall>>,
    }
}

record! {
    /// A new record, in the format the version writes. It becomes the record at hand.
    pub struct RawCreate as "a create step" {
        /// The store.
        create: Text,
        /// Values worth telling apart, by field and class of request: `rail: {instant: INSTANT}`. A format that
        /// cannot hold the value gets an ordinary one instead.
        values: Map<Map<Text>>,
        /// Fields that may be left out, and the classes that do: `discount: guest`.
        without: Map<OneOrMany<Text>>,
        /// Fields that are computed from what the request has read by then, and from what: `total: orders.amount`.
        /// What was misread there makes them wrong.
        derives: Map<OneOrMany<Text>>,
    }
}

record! {
    /// Reads the record at hand, or else the one the request is about, or else one picked evenly.
    pub struct RawRead as "a read step" {
        /// The store.
        read: Text,
    }
}

record! {
    /// Reads the record at hand (or else the one the request is about, or else one picked evenly), changes it and
    /// writes it back.
    pub struct RawRewrite as "a rewrite step" {
        /// The store.
        rewrite: Text,
        /// Fields it sets.
        sets: OneOrMany<Text>,
        /// Fields it computes from what it has read, and sets.
        derives: OneOrMany<Text>,
        /// Values worth telling apart that it sets, by field and class of request, as those of a `create:`.
        values: Map<Map<Text>>,
    }
}

record! {
    /// Leaves work for later, about the record at hand.
    pub struct RawLater as "a later step" {
        /// The job.
        later: Text,
    }
}

record! {
    /// Appends a message to a topic, in the format the version writes. Consumers have the record at hand.
    pub struct RawPublish as "a publish step" {
        /// The topic.
        publish: Text,
        /// Values worth telling apart, by field and class of request, as for `create`.
        values: Map<Map<Text>>,
        /// Fields that may be left out, and the classes that do, as for `create`.
        without: Map<OneOrMany<Text>>,
        /// Fields that are computed from what the request has read by then, as for `create`.
        derives: Map<OneOrMany<Text>>,
    }
}

record! {
    /// Does something outside the system that no rollback undoes.
    pub struct RawCause as "an effect step" {
        /// The effect.
        effect: Text,
        /// Whether it sends an idempotency key, the same one with each attempt (default yes).
        key: Option<bool>,
    }
}

record! {
    /// Steps of which the effects are taken back when one of them fails, by the compensations of the effects.
    pub struct RawSaga as "a saga" {
        /// The steps that can be taken back.
        saga: Spanned<Vec<RawOp>>,
        /// The last of them, after which there is only forward: when it fails, the others are taken back.
        pivot: Vec<RawOp>,
        /// Jobs left behind the pivot, which are tried again until they succeed.
        forward: OneOrMany<Text>,
    }
}

record! {
    /// Steps done only under a condition.
    pub struct RawWhen as "a when step" {
        /// The condition.
        when: RawTest,
        /// The steps.
        steps = "do": Vec<RawOp>,
    }
}

choice! {
    /// What a program may branch on.
    pub enum RawTest as "a condition" {
        /// The class of the request.
        Class(RawClassTest),
        /// A flag, as the process sees it.
        Flag(RawFlagTest),
        /// A version of a config.
        Config(RawConfigTest),
    }
}

record! {
    /// Holds for requests of some classes.
    pub struct RawClassTest as "a class condition" {
        /// The classes.
        class: OneOrMany<Text>,
    }
}

record! {
    /// Holds while the process sees a flag on.
    pub struct RawFlagTest as "a flag condition" {
        /// The flag.
        flag: Text,
    }
}

record! {
    /// Holds while the process goes by a version of a config.
    pub struct RawConfigTest as "a config condition" {
        /// The config and its version: `limits 2`.
        config: Text,
    }
}

record! {
    /// A version: an artifact and what it declares.
    pub struct RawVersion as "a version" {
        /// Where its artifact is (default `retained`).
        artifact: Option<RawArtifact>,
        /// When the registry deletes its artifact, as its rule of retention says, from the start of the run (default:
        /// not in this run). Hosts that have its image keep it.
        expires: Option<Spanned<Span>>,
        /// What comes out of the pipeline instead of it, now and then: a fix that is none. Of an `unbuilt` version.
        wrong: Option<RawWrongFix>,
        /// Fetching it to a host that does not have it (default 0s).
        pull: Option<RawLaw>,
        /// The secrets its processes need to start, each in the value it was built for: `db-password@1`. A rotation
        /// makes it `@2`.
        needs: OneOrMany<Text>,
        /// How it reads and writes the records of each store.
        formats: Map<RawAccess>,
        /// The revision of the contract it serves each endpoint in, by its name in the service (default: as the
        /// version before it; of the first version, the first revision).
        serves: Map<RawSpeech>,
        /// The revision it was built to call each endpoint with, as `service.endpoint` (default: the same).
        calls: Map<RawSpeech>,
        /// Endpoints of the service that it does not have: calls to them fail.
        lacks: OneOrMany<Text>,
        /// Mistakes in it: causes, from which harm follows.
        defects: Vec<RawDefect>,
        /// Endpoints that do something else in this version than in the service.
        endpoints: Map<RawProgram>,
        /// What its change log says: a line of the change feed.
        about: Option<String>,
    }
}

record! {
    /// What comes out of the pipeline instead of a version.
    pub struct RawWrongFix as "a wrong fix" {
        /// The share of builds that come out that way.
        share: Ratio,
        /// What they are: another `unbuilt` version of the service, by its label.
        version: Text,
    }
}

keyword! {
    /// Where an artifact is.
    pub enum RawArtifact as "a place of an artifact" {
        /// In the registry: it can be deployed.
        Retained = "retained",
        /// Not built yet: it has to go forward through the pipeline.
        Unbuilt = "unbuilt",
        /// Garbage-collected.
        Gone = "gone",
    }
}

record! {
    /// A mistake in a version: requests of some classes fail at an endpoint, or processes die.
    pub struct RawDefect as "a defect" {
        /// What is wrong, in a few words.
        defect: Text,
        /// The endpoint it strikes, by its name in the service.
        endpoint: Option<Text>,
        /// Strikes a process instead of a request: `start`, and it dies instead of becoming ready.
        at: Option<RawMoment>,
        /// Whether the process dies of a request it strikes, with everything in flight on it (default no).
        crash: Option<Spanned<bool>>,
        /// The classes it strikes (default all).
        classes: OneOrMany<Text>,
        /// The share of those requests, or of the starts, that it strikes (default 100 %).
        share: Option<Ratio>,
        /// A condition under which it strikes: a flag or a version of a config, as the process sees it (default:
        /// always).
        when: Option<Spanned<RawTest>>,
    }
}

keyword! {
    /// A moment in the life of a process.
    pub enum RawMoment as "a moment in the life of a process" {
        /// When it would become ready.
        Start = "start",
    }
}
