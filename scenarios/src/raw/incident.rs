//! The incident: what people do, and in which manner.

use crate::syntax::{OneOrMany, Spanned, Text, choice, keyword, record};
use model::flag::Setting;
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// A response somebody wrote down.
    pub struct RawPlan as "a plan" {
        /// What it tries, in a line.
        about: String,
        /// Its steps.
        steps: Vec<RawStepAt>,
    }
}

record! {
    /// Somebody does something at a given time.
    pub struct RawStepAt as "a step" {
        /// When, from the start of the run.
        at: Spanned<Span>,
        /// What.
        act = "do": RawAction,
        /// Who (default: the incident commander; for a release, the release manager).
        who: Option<Text>,
        /// Whether they act at once, though they would have to ask: that is logged, and reviewed afterwards (default
        /// no).
        break_glass: Option<Spanned<bool>>,
        /// Whether everybody is asked for strong objections before it begins (default no).
        objections: Option<bool>,
        /// Whom it is given to as a task, which they take first (default: nobody, `who` does it).
        assign: Option<Text>,
        /// Within which time the task is to be done (default: none is said).
        within: Option<Spanned<Span>>,
    }
}

choice! {
    /// What somebody does.
    pub enum RawAction as "an action" {
        /// Rolls a service to a version.
        Deploy(RawDeploy),
        /// Writes a version in Git.
        Commit(RawCommit),
        /// Rolls a service back.
        Undo(RawUndo),
        /// Holds a rollout.
        Pause(RawPause),
        /// Lets a held rollout go on.
        Resume(RawResume),
        /// Says from which place on a StatefulSet replaces replicas.
        Partition(RawPartition),
        /// Stops replicas by hand.
        Stop(RawStop),
        /// Tells a service how many replicas to have.
        Scale(RawScaleOrder),
        /// Lets an autoscaler work, or not.
        Autoscale(RawAutoscaleOrder),
        /// Replaces replicas by new ones of the same version.
        Restart(RawRestart),
        /// Sends the traffic of a service to its standby, or back.
        Switch(RawStandIn),
        /// Sends nothing to a place any more.
        Drain(RawDrain),
        /// Cuts a part of what runs off from the rest.
        Isolate(RawIsolate),
        /// Sends something there again.
        Admit(RawAdmit),
        /// Sends the traffic of a region to another one.
        Shift(RawShift),
        /// Takes everything out of a cache.
        Flush(RawFlush),
        /// Gives a canary or a blue-green rollout up.
        Abort(RawAbort),
        /// Lets a canary or a blue-green rollout go on.
        Promote(RawPromote),
        /// Tries a rollout again that was given up.
        Retry(RawRetry),
        /// Switches a flag.
        Flag(RawSwitch),
        /// Pushes a version of a config.
        Config(RawPush),
        /// Runs a repair.
        Repair(RawRunRepair),
        /// Takes a table to the next state of its schema.
        Migrate(RawMigrate),
        /// Takes a table back to the state before.
        Down(RawDown),
        /// Puts a store back to where it was.
        Restore(RawRestore),
        /// Lets a consumer group pass over messages.
        Skip(RawSkip),
        /// Lets a consumer group read messages again.
        Replay(RawReplay),
        /// Reads the dead letters of a consumer group again.
        Redrive(RawRedrive),
        /// Takes an effect back.
        Compensate(RawCompensate),
        /// Lets what an effect has left outside stay as it is.
        Accept(RawAccept),
        /// Builds a version, sends it through the pipeline and deploys it.
        Forward(RawForward),
        /// Takes the page.
        Acknowledge(RawAcknowledge),
        /// Declares an incident.
        Declare(RawDeclare),
        /// Looks at something, which takes time.
        Look(RawLook),
        /// Tells an audience what is known.
        Update(RawInform),
        /// Goes through a runbook.
        Follow(RawFollow),
        /// Hands the command over.
        HandOver(RawHandOver),
        /// Declares the incident over.
        Resolve(RawResolve),
    }
}

record! {
    /// Rolls a service to a version whose artifact is there.
    pub struct RawDeploy as "a deployment" {
        /// The version, as `service version`.
        deploy: Text,
        /// The region, zone or host where, when only a part is meant (default: everywhere). The service is rolled out
        /// `in_place`.
        on: Option<Text>,
    }
}

record! {
    /// Writes a version in Git: a service with `gitops` is made that at its next sync.
    pub struct RawCommit as "a commit" {
        /// The version, as `service version`.
        commit: Text,
    }
}

record! {
    /// Rolls a service back to its previous revision.
    pub struct RawUndo as "an undo" {
        /// The service.
        undo: Text,
    }
}

record! {
    /// Holds a rollout where it is.
    pub struct RawPause as "a pause" {
        /// The service.
        pause: Text,
    }
}

record! {
    /// Lets a held rollout go on.
    pub struct RawResume as "a resume" {
        /// The service.
        resume: Text,
    }
}

record! {
    /// Says from which place on a StatefulSet replaces replicas.
    pub struct RawPartition as "a partition" {
        /// The service.
        partition: Text,
        /// The lowest place that is replaced; the number of replicas or more holds the rollout.
        from: u32,
    }
}

record! {
    /// Stops replicas by hand, so that their controller makes new ones.
    pub struct RawStop as "a stop" {
        /// The service.
        stop: Text,
        /// Which of its replicas (default `stuck`).
        which: Option<RawStopped>,
    }
}

keyword! {
    /// Which replicas are stopped.
    pub enum RawStopped as "a choice of replicas" {
        /// Those that do not get ready.
        Stuck = "stuck",
        /// All of them, at once.
        All = "all",
    }
}

record! {
    /// Tells a service how many replicas to have. An autoscaler that wants another number says so at its next look; at
    /// 0 it says nothing more.
    pub struct RawScaleOrder as "a scale order" {
        /// The service.
        scale: Text,
        /// How many replicas.
        to: Spanned<u32>,
    }
}

record! {
    /// Lets the autoscaler of a service work, or keeps it from its work.
    pub struct RawAutoscaleOrder as "an order about an autoscaler" {
        /// The service.
        autoscale: Text,
        /// `on` or `off`.
        to: bool,
    }
}

record! {
    /// Replaces the replicas of a service by new ones of the same version, as its rollout replaces replicas.
    pub struct RawRestart as "a restart" {
        /// The service.
        restart: Text,
    }
}

record! {
    /// Sends the traffic of a service to its standby, or back: at once, and nothing is started or stopped.
    pub struct RawStandIn as "a switch of traffic" {
        /// The service.
        switch: Text,
        /// Where to (default `standby`).
        to: Option<RawStandInTo>,
    }
}

keyword! {
    /// Who answers for a service.
    pub enum RawStandInTo as "somebody who answers" {
        /// Its standby.
        Standby = "standby",
        /// Its own replicas.
        Primary = "primary",
    }
}

record! {
    /// Takes a place out of every balancer: what runs there finishes what it has, and gets nothing new.
    pub struct RawDrain as "a drain" {
        /// The region, zone or host.
        drain: Text,
        /// Whether what runs there is stopped and comes up elsewhere, as `kubectl drain` does, within the `disruptions`
        /// of its service (default no: balancers send nothing there, and it stays up).
        evict: Option<bool>,
    }
}

record! {
    /// Cuts a part of what runs off from the rest, without stopping it: no request, message or deferred work gets
    /// there, and what is in flight there ends at once, as failed.
    pub struct RawIsolate as "an isolation" {
        /// The service, the version (`service version`), or the region, zone or host with all that runs there.
        isolate: Text,
        /// Of a service: only its replicas in this region or zone, or on this host (default: all).
        on: Option<Text>,
    }
}

record! {
    /// Puts back what was drained or isolated.
    pub struct RawAdmit as "the end of a drain or an isolation" {
        /// The service, the version (`service version`), or the region, zone or host.
        admit: Text,
        /// Of a service: only its replicas in this region or zone, or on this host.
        on: Option<Text>,
    }
}

record! {
    /// Sends a share of the traffic that comes from a region to another one; the rest stays. Those who find it by name
    /// (`dns` of the traffic) hear of it when they ask again.
    pub struct RawShift as "a shift" {
        /// The region whose traffic it is.
        shift: Text,
        /// The region it goes to.
        to: Text,
        /// The share that goes there (default all; `0 %` ends a shift).
        share: Option<Ratio>,
    }
}

record! {
    /// Takes everything out of a cache.
    pub struct RawFlush as "a flush" {
        /// The cache.
        flush: Text,
    }
}

record! {
    /// Gives a canary or a blue-green rollout up: the stable version takes all traffic.
    pub struct RawAbort as "an abort" {
        /// The service.
        abort: Text,
    }
}

record! {
    /// Lets a canary or a blue-green rollout go on.
    pub struct RawPromote as "a promotion" {
        /// The service.
        promote: Text,
        /// How far (default `next`).
        to: Option<RawPromoteTo>,
    }
}

keyword! {
    /// How far a rollout goes on.
    pub enum RawPromoteTo as "a place to promote to" {
        /// Past what it waits for.
        Next = "next",
        /// Past everything that is left.
        End = "end",
    }
}

record! {
    /// Tries a rollout again that was given up, from its first step.
    pub struct RawRetry as "a retry" {
        /// The service.
        retry: Text,
    }
}

record! {
    /// Switches a flag.
    pub struct RawSwitch as "a switch" {
        /// The flag.
        flag: Text,
        /// `on`, `off`, or the share of the customers it is on for, like `5 %`.
        to: Setting,
    }
}

record! {
    /// Pushes a version of a config; an older one is its way back.
    pub struct RawPush as "a push" {
        /// The config and its version: `limits 2`.
        config: Text,
        /// The share of the processes it is pushed to, at least one of each service: `25 %` (default: all).
        share: Option<Spanned<Ratio>>,
    }
}

record! {
    /// Runs a repair until nothing is left to convert.
    pub struct RawRunRepair as "a repair run" {
        /// The repair.
        repair: Text,
    }
}

record! {
    /// Takes a table to the next state of its schema: makes a migration.
    pub struct RawMigrate as "a migration to be made" {
        /// The migration.
        migrate: Text,
    }
}

record! {
    /// Takes a table back to the state before a migration.
    pub struct RawDown as "a migration to be taken back" {
        /// The migration.
        down: Text,
    }
}

record! {
    /// Puts a store back to where it was when a snapshot was taken, or several stores to one instant. What was written
    /// since is lost.
    pub struct RawRestore as "a restore" {
        /// The backup. Of several, `[orders, payments]`, the snapshots that were taken at one instant; `all` is every
        /// backup there is.
        restore: OneOrMany<Text>,
        /// The youngest snapshot taken by then, from the start of the run (default: the youngest there is).
        as_of: Option<Span>,
    }
}

record! {
    /// Lets a consumer group pass over messages it has not read. They stay in the topic.
    pub struct RawSkip as "a skip" {
        /// The consumer group.
        skip: Text,
        /// How far (default `next`).
        to: Option<RawSkipTo>,
    }
}

keyword! {
    /// How far messages are passed over.
    pub enum RawSkipTo as "a place to skip to" {
        /// Past the one message on which a partition stands, in each partition that does.
        Next = "next",
        /// To the end of every partition.
        End = "end",
    }
}

record! {
    /// Lets a consumer group read messages again, as far as the topic still has them.
    pub struct RawReplay as "a replay" {
        /// The consumer group.
        replay: Text,
        /// Those published then or later, from the start of the run (default 0s).
        since: Option<Span>,
    }
}

record! {
    /// Reads the dead letters of a consumer group again, each once.
    pub struct RawRedrive as "a redrive" {
        /// The consumer group.
        redrive: Text,
    }
}

record! {
    /// Takes back what an effect has left outside that should not be there.
    pub struct RawCompensate as "a compensation order" {
        /// The effect.
        compensate: Text,
    }
}

record! {
    /// Decides that what an effect has left outside by then, and nobody takes back, stays as it is. It is counted as
    /// accepted, and not taken back any more.
    pub struct RawAccept as "an acceptance" {
        /// The effect.
        accept: Text,
    }
}

record! {
    /// Fixes forward.
    pub struct RawForward as "a forward fix" {
        /// The version with the fix, as `service version`.
        forward: Text,
    }
}

record! {
    /// Takes the page.
    pub struct RawAcknowledge as "an acknowledgement" {
        /// The alert.
        acknowledge: Text,
    }
}

record! {
    /// Declares an incident.
    pub struct RawDeclare as "a declaration" {
        /// The severity, from 1 (worst) to 5.
        declare: Spanned<u32>,
    }
}

record! {
    /// Looks at something, which takes time.
    pub struct RawLook as "a look" {
        /// At what: `errors of SERVICE` or `data of STORE`.
        look: Text,
    }
}

record! {
    /// Tells an audience what is known, which takes two minutes to write.
    pub struct RawInform as "an update" {
        /// The audience, one of `updates`.
        update: Text,
    }
}

record! {
    /// Goes through a runbook, hop by hop, as far as each is verified.
    pub struct RawFollow as "an order to follow a runbook" {
        /// The runbook.
        follow: Text,
    }
}

record! {
    /// Hands the command of the incident over, which takes a briefing of three minutes.
    pub struct RawHandOver as "a hand-over" {
        /// The seat that takes it.
        hand_over: Text,
    }
}

record! {
    /// Declares the incident over.
    pub struct RawResolve as "a resolution" {
        /// Why, in a few words.
        resolve: String,
    }
}
