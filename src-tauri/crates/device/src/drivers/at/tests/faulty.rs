//! Two hundred conversations at fault with each modem.

use super::*;
use crate::serial::fault_runs::{Tally, fault_runs};

fn is_sound(name: &str, tally: &Tally) {
    eprintln!("{name}: {tally:?}");
    assert!(tally.verified > 0 && tally.intact > 0, "{name}: {tally:?}");
}

#[tokio::test]
async fn ublox_modules_at_fault_end_verified_or_named() {
    is_sound("ublox", &fault_runs(|seed| AtModem::new(sara(), Manner::noisy(seed)), driver("ublox")).await);
    is_sound("ublox", &fault_runs(|seed| AtModem::new(nina(), Manner::noisy(seed)), driver("ublox")).await);
}

#[tokio::test]
async fn a_quectel_module_at_fault_ends_verified_or_named() {
    let tally = fault_runs(|seed| AtModem::new(Quectel::new(), Manner::noisy(seed)), driver("quectel")).await;
    is_sound("quectel", &tally);
}

#[tokio::test]
async fn a_simcom_module_with_files_at_fault_ends_verified_or_named() {
    let tally = fault_runs(|seed| AtModem::new(SimComFs::new(), Manner::noisy(seed)), driver("simcom-fs")).await;
    is_sound("simcom-fs", &tally);
}

#[tokio::test]
async fn an_esp_at_module_at_fault_ends_verified_or_named() {
    let tally = fault_runs(|seed| AtModem::new(EspAt::new(), Manner::noisy(seed)), driver("esp-at")).await;
    is_sound("esp-at", &tally);
}
