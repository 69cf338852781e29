//! A Graph that says numbers and dates that can't be: no panic, each run ends with a reason, and its tenant is free again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use idscore_graph::Patience;
use idscore_graph_server::{Options, Script};
use idscore_history::Tenant;
use idscore_schedule::Rules;
use idscore_store::{CollectionRun, RunOutcome};

use crate::schedule::{MINUTE, RISKY, World, ada, server, unlimited};

const NUMBERS: [&str; 9] = [
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "-9223372036854775808",
    "-1",
    "0",
    "0.5",
    "1e308",
    "1e999",
];
const DATES: [&str; 6] = [
    "0000-01-01T00:00:00Z",
    "-009999-01-02T01:59:59Z",
    "9999-12-31T23:59:59.999999999Z",
    "99999-01-01T00:00:00Z",
    "2026-13-45T25:61:61Z",
    "1970-01-01T00:00:00Z",
];
const HTTP_DATES: [&str; 5] = [
    "Sat, 01 Jan 0000 00:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Mon, 01 Nov 9999 00:00:00 GMT",
    "Fri, 31 Dec 99999 23:59:59 GMT",
    "-1",
];
/// Requests to Graph itself, not to the login host.
const GRAPH: &str = "path = \"/\"";
const LOGIN: &str = "data_set = \"token\"";

fn fault(lines: &[&str]) -> String {
    format!("[[fault]]\n{}\n", lines.join("\n"))
}

/// What every answer of Graph holds, but for the envelope of a batch.
fn bodies(effect: &str) -> String {
    ["DIR", "RPT", "IPC", "SEC"].map(|class| fault(&[&format!("class = \"{class}\""), effect])).concat()
}

fn scripts() -> Vec<String> {
    let mut scripts = Vec::new();
    scripts.extend(DATES.map(|date| bodies(&format!("dates = \"{date}\""))));
    scripts.extend(NUMBERS.map(|number| bodies(&format!("numbers = \"{number}\""))));
    scripts.extend(NUMBERS.map(|number| fault(&[LOGIN, &format!("numbers = \"{number}\"")])));
    for place in [GRAPH, LOGIN] {
        scripts.extend(HTTP_DATES.map(|date| fault(&[place, &format!("headers = {{ date = \"{date}\" }}")])));
        for length in ["0", "1", "99999999", "18446744073709551615"] {
            scripts.push(fault(&[place, &format!("headers = {{ content-length = \"{length}\" }}")]));
        }
    }
    for number in NUMBERS {
        let wait = format!("headers = {{ retry-after = \"{number}\" }}");
        scripts.push(fault(&[GRAPH, "every = 3", "status = 429", &wait]));
        scripts.push(fault(&["data_set = \"batch\"", &format!("numbers = \"{number}\"")]));
    }
    for date in HTTP_DATES {
        let wait = format!("headers = {{ retry-after = \"{date}\", date = \"Thu, 01 Jan 1970 00:00:00 GMT\" }}");
        scripts.push(fault(&[GRAPH, "every = 3", "status = 503", &wait]));
    }
    scripts
}

fn rules() -> Rules {
    let patience = Patience {
        first: Duration::from_millis(1),
        longest: Duration::from_millis(5),
        longest_asked: Duration::from_millis(10),
        attempts: 3,
        deadline: Duration::from_secs(20),
        silence: Duration::from_secs(1),
        ..Patience::default()
    };
    Rules { patience, ..Rules::default() }
}

/// One run against a server with that script.
async fn run(script: &str) -> CollectionRun {
    let faults = Script::parse(script).unwrap();
    let server = server(Options { faults, ..unlimited() });
    let world = World::with(server.url(), "hush-hush", "unlimited", rules()).await;
    let tenant = Tenant {
        id: RISKY.to_owned(),
        display_name: String::new(),
        industry: String::new(),
        seats: None,
        zones: idscore_score::Zones::default(),
        invented: false,
    };
    let history = &world.archive.history;
    history.register(&ada(), &tenant).await.unwrap();
    let now = idscore_store::now();
    history.connect(&ada(), RISKY, RISKY, "ours", 24 * 60 * MINUTE, now).await.unwrap();
    let going = world.go();
    let ended = world.ended(1).await;
    world.collecting.stop();
    going.await.unwrap();
    assert_eq!(world.collecting.progress(RISKY), None, "the tenant is left at work by {script}");
    let newest = history.newest(RISKY).await.unwrap();
    let tomorrow = idscore_store::now() + 25 * 60 * MINUTE;
    assert!(newest.is_none_or(|newest| newest.taken_at < tomorrow), "kept for a later day by {script}");
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_dates_that_cant_be_end_each_run_with_a_reason() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        told(panic);
    }));
    for script in scripts() {
        let ended = run(&script).await;
        assert_eq!(PANICS.load(Ordering::SeqCst), 0, "a panic by {script}");
        match ended.outcome {
            RunOutcome::Kept => {}
            RunOutcome::Failed => assert!(!ended.reason.is_empty(), "no reason by {script}"),
            RunOutcome::Interrupted | RunOutcome::Running => panic!("{:?} by {script}", ended.outcome),
        }
        println!("{:?} {} {}", ended.outcome, script.replace('\n', " "), ended.reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_of_584_billion_years_fails_the_run_and_says_that_it_was_cut() {
    let wait = format!("headers = {{ retry-after = \"{}\" }}", u64::MAX);
    let ended = run(&fault(&["data_set = \"users\"", "status = 429", &wait])).await;
    assert_eq!(ended.outcome, RunOutcome::Failed);
    let told = "it asked for a wait of 18446744073709551615s, cut to 10ms";
    assert!(ended.reason.contains(told), "{}", ended.reason);
}
