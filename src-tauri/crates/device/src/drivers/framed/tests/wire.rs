//! What a visit costs.

use super::*;

/// Of a visit: bytes both ways, and seconds.
fn cost(frames: Frames, contents: &[Content], written: impl Fn(&mut Framed, &mut Line)) -> (u64, f64) {
    let (mut line, board) = simulated(frames, Faults::none());
    let begin = line.now();
    let mut driver = Framed::new(115_200);
    driver.greet(&mut line).expect("greeted");
    driver.list(&mut line).expect("list");
    let beside: Vec<String> = contents.iter().map(|content| format!("{}.new", content.name)).collect();
    for (name, content) in beside.iter().zip(contents) {
        driver.write(&mut line, name, &content.bytes).expect("written");
        driver.sha256(&mut line, name).expect("digest").expect("digest");
    }
    let moves: Vec<(&str, &str)> =
        beside.iter().zip(contents).map(|(name, content)| (&**name, &*content.name)).collect();
    driver.rename_all(&mut line, &moves).expect("committed");
    written(&mut driver, &mut line);
    let bytes: u64 = board.lock().expect("board").traffic().iter().sum();
    (bytes, (line.now() - begin).as_secs_f64())
}

#[test]
fn a_claim_costs_15_percent_more_than_its_bytes_and_no_time_is_lost() {
    let contents = claim(1);
    let payload: usize = contents.iter().map(|content| content.bytes.len()).sum();
    let shares = |(bytes, seconds): (u64, f64)| {
        let wire = bytes as f64 * 10.0 / 115_200.0;
        (bytes as f64 / payload as f64, seconds / wire)
    };
    let (overhead, time) = shares(cost(Frames::default(), &contents, |_, _| {}));
    eprintln!(
        "greeted, listed, written, proved, in force: {overhead:.3} of {payload} bytes, {time:.3} of the wire's time"
    );
    assert!(overhead <= 1.15, "{overhead}");
    assert!(time <= 1.2, "{time}");

    for size in [256, 512, 2048, 4096] {
        let (overhead, time) = shares(cost(Frames { payload: size, ..Frames::default() }, &contents, |_, _| {}));
        eprintln!("with frames of {size}: {overhead:.3}, {time:.3}");
    }

    let proved_again = |driver: &mut Framed, line: &mut Line| {
        for content in &contents {
            driver.sha256(line, &content.name).expect("digest");
        }
        driver.leave(line);
    };
    let (overhead, time) = shares(cost(Frames { payload: 4096, ..Frames::default() }, &contents, proved_again));
    eprintln!("with frames of 4 KiB, proved again under the final names, and left: {overhead:.3}, {time:.3}");
    assert!(overhead <= 1.2 && time <= 1.2, "{overhead} {time}");
}

#[test]
fn slow_storage_is_waited_for_without_asking_again() {
    let contents = claim(1);
    let fast = cost(Frames::default(), &contents, |_, _| {}).0;
    let (slow, seconds) = cost(Frames { slow: true, ..Frames::default() }, &contents, |_, _| {});
    assert!((60.0..62.0).contains(&seconds), "five times 12 seconds: {seconds}");
    // Twelve replies that it is busy, five times. A request that was sent again would be a kilobyte.
    assert_eq!(slow - fast, 5 * 12 * 14, "nothing was sent twice");
}
