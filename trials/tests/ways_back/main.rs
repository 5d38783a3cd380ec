//! Ways back: which there are, what is said of them, how long they take, what they leave, and when they close.

mod at_work;
mod choices;
mod cleared;
mod closing;
mod foretold;
mod in_full;
mod instants;
mod kill_switches;
mod leavings;
mod listed;
mod mirrored;
mod obstacles;
mod offered;
mod pages;
mod pairs;
mod parts;
mod pipelines;
mod releases;
mod said_ways;
mod settings;
mod shares;
mod tables;
mod taken_up;
mod tried_ways;
mod ways_around;
mod ways_taken;
