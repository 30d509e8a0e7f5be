//! A recording proxy before the local cloud: who called what and when; and it can spoil answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// One HTTP request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `InitiateAuth`, or `POST /provisioning-templates/x/provisioning-claim`.
    pub(crate) name: String,
    pub(crate) begun: Instant,
    pub(crate) ended: Instant,
    /// What was sent, without its head.
    pub(crate) request: Vec<u8>,
    /// What the cloud said, before it was spoiled.
    pub(crate) answer: Vec<u8>,
}

/// What happens to answers.
#[derive(Clone, Debug)]
pub(crate) enum Spoil {
    /// Nothing: lets a call through before the next of its name is spoiled.
    Nothing,
    /// Only half of the answer arrives, then the connection is gone.
    Cut,
    /// A page of some captive portal.
    Garbage,
    /// The `Date` of every answer is moved by so many seconds.
    Date(i64),
    /// This status with this body.
    Answer(u16, &'static str),
    /// The answer arrives late.
    Slow(Duration),
}

type Spoiled = Arc<Mutex<Vec<(String, Spoil, u32)>>>;

pub(crate) struct Proxy {
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    spoiled: Spoiled,
}

impl Proxy {
    /// Passes everything on to this port of loopback.
    pub(crate) fn before(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
        let url = format!("http://localhost:{}", listener.local_addr().expect("bound").port());
        let proxy = Self { url, calls: Arc::default(), spoiled: Arc::default() };
        let (calls, spoiled) = (Arc::clone(&proxy.calls), Arc::clone(&proxy.spoiled));
        // Ends with the tests' process.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (calls, spoiled) = (Arc::clone(&calls), Arc::clone(&spoiled));
                thread::spawn(move || {
                    // A client that hangs up is its own affair.
                    let _ = pass_on(client, port, &calls, &spoiled);
                });
            }
        });
        proxy
    }

    /// Spoils the answers to calls whose name contains this, the next `times` times.
    pub(crate) fn spoil(&self, name: &str, how: Spoil, times: u32) {
        self.spoiled.lock().expect("no panic").push((name.to_owned(), how, times));
    }

    /// Spoils nothing any more.
    pub(crate) fn mend(&self) {
        self.spoiled.lock().expect("no panic").clear();
    }

    /// The calls since the last look, in the order of their beginning.
    pub(crate) fn take(&self) -> Vec<Call> {
        let mut calls = std::mem::take(&mut *self.calls.lock().expect("no panic"));
        calls.sort_by_key(|call| call.begun);
        calls
    }
}

fn pass_on(mut client: TcpStream, port: u16, calls: &Mutex<Vec<Call>>, spoiled: &Spoiled) -> std::io::Result<()> {
    let begun = Instant::now();
    let (head, body) = read_message(&mut BufReader::new(client.try_clone()?))?;
    let name = name_of(&head);
    let mut cloud = TcpStream::connect(("127.0.0.1", port))?;
    let head: String = head.lines().filter(|line| !is_hop(line)).map(|line| format!("{line}\r\n")).collect();
    cloud.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
    cloud.write_all(&body)?;
    let mut answer = Vec::new();
    cloud.read_to_end(&mut answer)?;
    let original = answer.clone();
    let answer = match next_spoil(spoiled, &name) {
        None | Some(Spoil::Nothing) => answer,
        Some(Spoil::Cut) => {
            answer.truncate(answer.len().saturating_sub(40));
            answer
        }
        Some(Spoil::Garbage) => plain(200, "<html><body>Please accept our terms of use</body></html>"),
        Some(Spoil::Answer(status, body)) => plain(status, body),
        Some(Spoil::Date(seconds)) => with_date(&answer, seconds),
        Some(Spoil::Slow(time)) => {
            thread::sleep(time);
            answer
        }
    };
    calls.lock().expect("no panic").push(Call { name, begun, ended: Instant::now(), request: body, answer: original });
    client.write_all(&answer)
}

fn next_spoil(spoiled: &Spoiled, name: &str) -> Option<Spoil> {
    let mut spoiled = spoiled.lock().expect("no panic");
    let found = spoiled.iter_mut().find(|(part, _, times)| *times > 0 && name.contains(part.as_str()))?;
    found.2 -= 1;
    Some(found.1.clone())
}

fn read_message(from: &mut impl BufRead) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let length = header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((head, body))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn is_hop(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case("connection"))
}

fn name_of(head: &str) -> String {
    match header(head, "x-amz-target").and_then(|target| target.rsplit_once('.')) {
        Some((_, operation)) => operation.to_owned(),
        None => head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned(),
    }
}

fn plain(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn with_date(answer: &[u8], seconds: i64) -> Vec<u8> {
    let moved = time::OffsetDateTime::from(SystemTime::now()) + time::Duration::seconds(seconds);
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let date = format!("date: {}\r\n", moved.format(format).expect("a date"));
    let text = String::from_utf8_lossy(answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let (first, rest) = head.split_once("\r\n").expect("headers");
    let rest: String = rest
        .lines()
        .filter(|line| !line.to_lowercase().starts_with("date:"))
        .map(|line| format!("{line}\r\n"))
        .collect();
    format!("{first}\r\n{date}{rest}\r\n{body}").into_bytes()
}
