//! What the window costs beside an empty one: `scripts/bench-window` runs this and prints the table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::command::Desk;
use crate::support::window::Window;

const STARTS: usize = 7;
const RUNS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, by scripts/bench-window"]
async fn start_and_memory_beside_an_empty_window() {
    let empty = PathBuf::from(std::env::var_os("EMPTY_WINDOW").expect("scripts/bench-window says where it is"));
    let ours = PathBuf::from(std::env::var_os("OUR_WINDOW").expect("scripts/bench-window says where it is"));
    let desk = Desk::new();
    let mut starts: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    // By turns, so that neither has the quieter machine.
    for _ in 0..STARTS {
        for (name, program, screen) in [("empty", &empty, "main h1"), ("fieldkey", &ours, "#choose-site")] {
            let (window, began) = open(&desk, program).await;
            window.find_at_once(screen).await;
            starts.entry(name).or_default().push(began.elapsed());
            window.close().await;
        }
    }
    let (window, _) = open(&desk, &empty).await;
    window.find("main h1").await;
    let empty_kib = memory(&window);
    window.close().await;
    let (window, _) = open(&desk, &ours).await;
    window.click("#practise").await;
    for run in 1..=RUNS {
        window.screen("provision").await;
        // Sooner than it settles the same device would be refused: each run has one of its own.
        window.choose_target(&format!("PRACTISE 0{}", run % 3 + 1)).await;
        window.fill("#serial-number", &format!("COST-{run}")).await;
        window.click("#provision").await;
        window.find_within("main[data-screen=done], #replace", Duration::from_secs(60)).await;
        if window.text("#replace").await.is_empty() {
            window.click("#next-device").await;
        } else {
            window.click("#replace").await;
            window.click("#replace-it").await;
            window.screen("done").await;
            window.click("#next-device").await;
        }
    }
    let ours_kib = memory(&window);
    window.close().await;
    let (empty_start, our_start) = (median(&mut starts, "empty"), median(&mut starts, "fieldkey"));
    println!("| | empty | Fieldkey | ratio |\n|---|---|---|---|");
    println!(
        "| start to the first usable screen, median of {STARTS}, ms | {} | {} | {:.2} |",
        empty_start.as_millis(),
        our_start.as_millis(),
        our_start.as_secs_f64() / empty_start.as_secs_f64()
    );
    println!(
        "| memory after {RUNS} runs (PSS of all its processes), MiB | {} | {} | {:.2} |",
        total(&empty_kib) / 1024,
        total(&ours_kib) / 1024,
        total(&ours_kib) as f64 / total(&empty_kib) as f64
    );
    for ((name, empty), (_, ours)) in empty_kib.iter().zip(&ours_kib) {
        println!("| of it {name} | {} | {} | {:.2} |", empty / 1024, ours / 1024, *ours as f64 / *empty as f64);
    }
}

async fn open(desk: &Desk, program: &Path) -> (Window, Instant) {
    // The driver and the X server are there already when it begins.
    Window::measured(desk, program).await
}

fn median(starts: &mut BTreeMap<&str, Vec<Duration>>, name: &str) -> Duration {
    let times = starts.get_mut(name).expect("measured");
    times.sort_unstable();
    times[times.len() / 2]
}

/// Of the driver's window with its web and network processes, KiB.
fn memory(window: &Window) -> Vec<(String, u64)> {
    let mut family = vec![window.driver()];
    let mut next = 0;
    while next < family.len() {
        let children = format!("/proc/{0}/task/{0}/children", family[next]);
        let children = std::fs::read_to_string(children).unwrap_or_default();
        family.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        next += 1;
    }
    let parts = family.iter().skip(1).map(|pid| (name(*pid), pss(*pid)));
    parts.collect()
}

fn total(memory: &[(String, u64)]) -> u64 {
    memory.iter().map(|(_, kib)| kib).sum()
}

fn name(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

fn pss(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
