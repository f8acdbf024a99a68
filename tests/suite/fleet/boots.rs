//! Machines boot in the plan's order, and not more of them at once than the provider bears.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::hosts::Fleet;
use super::plans::{boot, lane, plan};
use super::told::run;

const HOSTS: [&str; 5] = ["cp1", "w1", "w2", "w3", "w4"];

fn boots(fleet: &Fleet) -> Vec<String> {
    let log = fleet.log.lock().unwrap();
    log.iter()
        .filter_map(|line| line.strip_prefix("boot ").map(str::to_owned))
        .collect()
}

fn booted_with(places: usize, running: &[&str]) -> Fleet {
    let mut fleet = Fleet::of(running);
    fleet.places = places;
    // More at once than there are places would show in this time.
    fleet.boot_time = Duration::from_millis(150);
    fleet.boots_together = places;
    let told = run(
        &fleet,
        &plan(HOSTS.map(|host| lane(host, vec![boot(host)])).into()),
    );
    assert_eq!(told.report.summary.failed + told.report.summary.not_reached, 0);
    fleet
}

#[test]
fn one_at_a_time_in_the_plans_order() {
    let fleet = booted_with(1, &[]);
    assert_eq!(fleet.most_booting.load(Ordering::SeqCst), 1);
    assert_eq!(boots(&fleet), HOSTS);
}

#[test]
fn several_at_once_but_not_more_than_there_are_places() {
    let fleet = booted_with(2, &[]);
    assert_eq!(fleet.most_booting.load(Ordering::SeqCst), 2);
    let order = boots(&fleet);
    assert_eq!(order.len(), HOSTS.len());
    assert!(
        order[..2].contains(&"cp1".to_owned()),
        "the first machine had to wait: {order:?}"
    );
}

#[test]
fn the_first_boots_alone_until_it_has_made_what_all_share() {
    let mut fleet = Fleet::of(&[]);
    fleet.places = HOSTS.len();
    // Whoever does not wait for the first is seen in this time.
    fleet.boot_time = Duration::from_millis(200);
    fleet.shares = true;
    fleet.boots_together = HOSTS.len();
    let told = run(
        &fleet,
        &plan(HOSTS.map(|host| lane(host, vec![boot(host)])).into()),
    );
    assert_eq!(told.report.summary.changed, HOSTS.len(), "{:?}", told.ends());
    assert_eq!(fleet.most_booting.load(Ordering::SeqCst), HOSTS.len());
    let log = fleet.log.lock().unwrap();
    let boots: Vec<_> = log.iter().filter(|line| !line.starts_with("connect ")).collect();
    assert_eq!(boots[..2], ["boot cp1", "shared cp1"], "{boots:?}");
}

#[test]
fn machines_that_run_take_no_place() {
    let fleet = booted_with(1, &["cp1", "w2"]);
    assert_eq!(boots(&fleet), ["w1", "w3", "w4"]);
}

#[test]
fn a_machine_that_failed_leaves_its_place() {
    let mut fleet = Fleet::of(&[]);
    fleet.places = 1;
    fleet.unbootable.insert("cp1".to_owned(), "no".to_owned());
    let told = run(
        &fleet,
        &plan(HOSTS.map(|host| lane(host, vec![boot(host)])).into()),
    );
    assert_eq!(told.report.summary.changed, 4);
    assert_eq!(told.report.summary.failed, 1);
}
