//! What becomes of requests: how they come, wait, are worked on, called for, tried again and measured.

mod admission;
mod autoscaling;
mod background;
mod balancers;
mod caches;
mod closed;
mod counted_mail;
mod crashes;
mod faults;
mod figures;
mod hanging;
mod keys;
mod messages;
mod network;
mod onsets;
mod patience;
mod percentiles;
mod storm;
mod strikes;
mod theorems;
mod theory;
mod topics;
mod traffic;
mod workers;
