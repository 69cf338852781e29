//! Everything that the command line can tell, the dashboard shows with the same numbers.
//!
//! The commands come from the program itself: whoever adds one says in [`SHOWN`] where the dashboard shows it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::history::Room;
use crate::program::stdout;
use crate::served::Served;

/// What becomes of a command in the dashboard.
enum Shown {
    /// It tells something, and this compares it with pages and API.
    Here(fn(&World)),
    /// It tells nothing of a tenant; why.
    Nothing(&'static str),
}
use Shown::{Here, Nothing};

const SHOWN: &[(&str, Shown)] = &[
    ("alerts-list", Here(alerts)),
    ("alerts-test", Nothing("the settings have a button that does it")),
    ("audit-head", Here(audit_head)),
    ("audit-list", Here(audit)),
    ("audit-verify", Here(verify)),
    ("backup", Nothing("writes a file of all tenants, for whoever may read the folder")),
    ("benchmark-export", Nothing("writes a file with noise for other organisations")),
    ("benchmark-merge", Nothing("`compare` shows what it keeps")),
    (
        "collect",
        Nothing("writes an export; the server's own tests hold the page of a scheduled run against what it read"),
    ),
    ("compare", Here(compare)),
    ("completions", Nothing("is for a shell")),
    ("controls-lint", Nothing("is for whoever writes controls")),
    ("controls-list", Here(controls)),
    ("controls-show", Here(control)),
    ("controls-test", Nothing("is for whoever writes controls")),
    ("demo", Nothing("opens the dashboard")),
    ("diff", Here(diff)),
    ("explain", Here(explain)),
    ("generate", Nothing("invents an export")),
    ("graph-server", Nothing("stands in for Microsoft Graph")),
    ("man", Nothing("is the manual")),
    ("plan-export", Here(decisions)),
    ("plan-import", Nothing("changes; `plan show` tells")),
    ("plan-set", Nothing("changes; `plan show` tells")),
    ("plan-show", Here(plan)),
    ("reconcile", Here(reconcile)),
    ("restore", Nothing("makes a data folder")),
    ("review-record", Here(review)),
    ("score", Here(score)),
    ("serve", Nothing("is the dashboard")),
    ("sign-in-link", Nothing("opens the dashboard")),
    ("tenant-delete", Nothing("takes away")),
    ("tenant-set", Here(tenant)),
    ("token-create", Nothing("changes; `token list` tells")),
    ("token-list", Here(tokens)),
    ("token-revoke", Nothing("changes; `token list` tells")),
    ("trend", Here(trend)),
];

/// The tenant `risky` over two days with decisions and a review, among five others, served.
struct World {
    room: Room,
    served: Served,
    cookie: String,
    tenant: String,
    /// The export of the second day.
    export: String,
}

impl World {
    fn new() -> Self {
        let room = Room::of_two_days();
        let export = room.next_day().to_str().unwrap().to_owned();
        let tenant = room.json(&["plan", "show", "--format", "json"])["tenantId"].as_str().unwrap().to_owned();
        let own = ["--tenant", &tenant];
        let run = |arguments: &[&str]| {
            let output = room.run(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        run(&["tenant", "set", "--industry", "Shipping", "--zones", "10,20", own[0], own[1]]);
        run(&[
            "plan",
            "set",
            "AdminMFAV2",
            "--status",
            "planned",
            "--owner",
            "Nora Stein",
            "--due",
            "2026-12-24",
            "--yes",
        ]);
        run(&["review", "record", "task_review_risky_sign_ins", "--by", "Ines Falk", "--at", "2026-11-20T08:00:00Z"]);
        // Among five or more there are a rank and quartiles.
        for other in ["careful", "free-licence", "partial-permissions"] {
            run(&["score", &format!("tenants/{other}")]);
        }
        let served = Served::over(&room, &tenant);
        let (head, _) = served.ask(&served.link, "Accept: text/html");
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { room, cookie, tenant, export, served }
    }

    /// What a command says of the tenant, as JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        self.room.json(&[arguments, &["--tenant", &self.tenant, "--format", "json"]].concat())
    }

    fn api(&self, path: &str) -> Value {
        self.served.get(&format!("/api/v1/tenants/{}{path}", self.tenant))
    }

    /// A page of the dashboard.
    fn page(&self, path: &str) -> String {
        let (head, body) = self.served.ask(path, &format!("Accept: text/html\r\nCookie: {}", self.cookie));
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        body
    }

    fn of_tenant(&self, path: &str) -> String {
        self.page(&format!("/tenants/{}/{path}", self.tenant))
    }
}

/// Rows of tables as the texts of their cells.
fn rows(page: &str) -> Vec<Vec<String>> {
    let cells = |row: &str| {
        let row = row.split("</tr>").next().unwrap();
        let cells = row.split("<t").skip(1).filter(|cell| cell.starts_with('h') || cell.starts_with('d'));
        cells.map(|cell| text(cell.split_once('>').unwrap().1)).collect()
    };
    page.split("<tr").skip(1).map(cells).collect()
}

/// A text without its markup.
fn text(markup: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in markup.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn holds(page: &str, what: &str) {
    let said = text(page);
    assert!(said.contains(what), "the page does not say {what:?}: {said}");
}

fn percent(number: &Value) -> String {
    format!("{:.2} %", number.as_f64().unwrap())
}

/// "Proven between 58.93 and 71.43 %"; nothing where all of it was seen.
fn proven(numbers: &Value) -> String {
    let end = |member: &str| numbers[member].as_f64().unwrap();
    let (floor, ceiling) = (end("percentAtLeast"), end("percentAtMost"));
    if ceiling - floor < 0.015 { String::new() } else { format!("Proven between {floor:.2} and {ceiling:.2} %") }
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn said(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Points as pages write them: no more decimals than needed, two at most.
fn points(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn score(world: &World) {
    // Before any decision, from the export itself; the tenant `careful` has none.
    let said_here: Value = serde_json::from_str(&stdout(&["score", "tenants/careful", "--format", "json"])).unwrap();
    let id = said(&said_here["tenantId"]);
    let page = world.page(&format!("/tenants/{id}/overview"));
    let core = &said_here["core"];
    for line in ["percent", "achievablePercent"] {
        holds(&page, &percent(&core[line]));
    }
    holds(&page, &proven(core));
    let actions = world.page(&format!("/tenants/{id}/actions.json"));
    let actions: Value = serde_json::from_str(&actions).unwrap();
    let controls = list(&said_here["controls"]);
    for control in controls.iter().filter(|control| control["set"] == "core") {
        let shown = list(&actions["value"]).iter().find(|action| action["id"] == control["id"]);
        let shown = shown.unwrap_or_else(|| unreachable!("{} is on no page", control["id"]));
        for number in ["score", "maxScore", "scoreAtLeast", "scoreAtMost", "count", "total", "unknown"] {
            let (one, other) = (control[number].as_f64(), shown[number].as_f64());
            let same = one.zip(other).map_or(one == other, |(one, other)| (one - other).abs() < 1e-9);
            assert!(same, "{} {number}: {one:?} and {other:?}", control["id"]);
        }
    }
}

fn explain(world: &World) {
    let output = stdout(&["explain", &world.export, "AdminMFAV2", "--format", "json"]);
    let evidence: Value = serde_json::from_str(&output).unwrap();
    let api = world.api("/controls/AdminMFAV2/evidence");
    let names =
        |rows: &Value| -> BTreeSet<String> { list(rows).iter().map(|row| said(&row["name"]).to_owned()).collect() };
    let told = names(&evidence["rows"]);
    assert!(told.len() > 3);
    assert_eq!(names(&api["rows"]), told);
    let page = world.of_tenant("actions/AdminMFAV2");
    for row in list(&evidence["rows"]) {
        holds(&page, said(&row["name"]));
        holds(&page, said(&row["witness"]));
    }
    holds(&page, &format!("{} of {}", evidence["count"], evidence["total"]));
}

fn reconcile(world: &World) {
    let told: Value = serde_json::from_str(&stdout(&["reconcile", &world.export, "--format", "json"])).unwrap();
    let page = world.of_tenant("comparison/microsoft");
    let rows = rows(&page);
    let controls = list(&told["controls"]);
    assert!(controls.len() > 10);
    for control in controls {
        let row = rows.iter().find(|row| row[0].ends_with(said(&control["id"]))).unwrap();
        let number = |value: &Value| value.as_f64().map(points);
        let of = |side: &Value| match (number(&side["score"]), number(&side["maxScore"])) {
            (Some(score), Some(max)) => format!("{score} of {max}"),
            (Some(score), None) => score,
            (None, _) if side["outcome"] == "notAssessed" => "not assessed".to_owned(),
            _ => "–".to_owned(),
        };
        assert_eq!((&row[1], &row[2]), (&of(&control["ours"]), &of(&control["microsoft"])), "{row:?}");
        let difference = control["difference"].as_f64();
        let shown = row[3].replace('−', "-").parse::<f64>().ok();
        assert!(
            difference.zip(shown).map_or(difference == shown, |(one, other)| (one - other).abs() < 0.006),
            "{row:?}"
        );
        for reason in list(&control["reasons"]) {
            assert!(row[4].to_lowercase().contains(&text(said(&reason["says"])).to_lowercase()), "{row:?}");
        }
    }
    holds(&page, &format!("{:.2} %", told["totals"]["ours"]["percent"].as_f64().unwrap()));
}

fn trend(world: &World) {
    let told = world.json(&["trend"]);
    let api = world.api("/trend");
    let page = world.of_tenant("history?days=all");
    let (days, rows) = (list(&told["days"]), rows(&page));
    assert!(days.len() >= 5, "{days:?}");
    for day in days {
        let on_api = list(&api["value"]).iter().find(|one| one["day"] == day["day"]).unwrap();
        for number in ["percent", "percentAtLeast", "percentAtMost"] {
            assert_eq!(on_api["core"][number], day[number]);
        }
        let row = rows.iter().find(|row| row[0] == said(&day["day"]) && row.contains(&percent(&day["percent"])));
        let row = row.unwrap_or_else(|| unreachable!("{day} is not in {rows:?}"));
        let changed = list(&day["marks"]).iter().any(|mark| mark == "policiesChanged");
        assert_eq!(row.last().unwrap().contains("policies changed"), changed, "{row:?}");
    }
    assert!(told.to_string().contains("policiesChanged"), "a policy was switched off");
    proven_by_day(world);
}

/// Of the extended set a part was not seen.
fn proven_by_day(world: &World) {
    let told = world.json(&["trend", "--set", "extended"]);
    let api = world.api("/trend");
    let rows = rows(&world.of_tenant("history?days=all&set=extended"));
    let ours = list(&told["days"]).iter().filter(|day| day["percentAtLeast"].is_f64());
    let mut shown = 0;
    for day in ours {
        let on_api = list(&api["value"]).iter().find(|one| one["day"] == day["day"]).unwrap();
        for number in ["percent", "percentAtLeast", "percentAtMost"] {
            assert_eq!(on_api["extended"][number], day[number]);
        }
        let (floor, ceiling) = (day["percentAtLeast"].as_f64().unwrap(), day["percentAtMost"].as_f64().unwrap());
        let ends = format!("{floor:.2}–{ceiling:.2}");
        let of_day: Vec<_> = rows.iter().filter(|row| row[0] == said(&day["day"])).collect();
        assert!(of_day.iter().any(|row| row.contains(&ends)), "{ends}: {of_day:?}");
        shown += usize::from(ceiling - floor > 0.02);
    }
    assert!(shown > 0, "nothing is open in {told}");
}

fn compare(world: &World) {
    let told = world.json(&["compare"]);
    assert_eq!(world.api("/compare"), told);
    let page = world.of_tenant("comparison");
    let rows = rows(&page);
    for series in list(&told["series"]) {
        let newest = list(&series["points"]).last().unwrap();
        let middle = match (&newest["quartiles"], &newest["average"]) {
            (Value::Null, Value::Null) => String::new(),
            (Value::Null, average) => percent(average),
            (quartiles, _) => percent(&quartiles["median"]),
        };
        let is = |row: &&Vec<String>| {
            row.len() == 8 && row[0].eq_ignore_ascii_case(said(&series["group"])) && row[2] == said(&newest["day"])
        };
        let all: Vec<_> = rows.iter().filter(is).collect();
        assert!(all.iter().any(|row| row[4].contains(&middle)), "{series}: {all:?}");
    }
}

fn diff(world: &World) {
    let told = world.json(&["diff", "2026-11-20", "2026-11-21"]);
    assert_eq!(world.api("/diff?from=2026-11-20&to=2026-11-21"), told);
    let page = world.of_tenant("history/difference?from=2026-11-20&to=2026-11-21");
    for side in ["before", "after"] {
        holds(&page, &percent(&told["core"][side]["percent"]));
    }
    for policy in list(&told["policies"]) {
        holds(&page, said(&policy["name"]));
    }
    let moved: Vec<_> = list(&told["controls"]).iter().filter(|control| control["points"] != 0.0).collect();
    assert!(!moved.is_empty());
    for control in moved {
        holds(&page, said(&control["title"]));
    }
}

fn plan(world: &World) {
    let told = world.json(&["plan", "show"]);
    let page = world.of_tenant("actions.json");
    let page: Value = serde_json::from_str(&page).unwrap();
    let actions = list(&told["actions"]);
    assert!(actions.len() > 5);
    for action in actions {
        let id = said(&action["controlId"]);
        let of = |all: &Value| list(all).iter().find(|one| one["id"] == id).cloned().unwrap_or_default();
        let shown = of(&page["value"]);
        for member in ["toWin", "status", "open", "withoutMethod", "owner", "due", "overdue", "licenseOwned", "effort"]
        {
            assert_eq!(shown[member], action[member], "{member} of {id}");
        }
    }
    // What comes first there is what the overview says to do next.
    let overview = world.of_tenant("overview");
    for action in &actions[..3] {
        holds(&overview, said(&action["title"]));
    }
}

fn decisions(world: &World) {
    let output = world.room.run(&["plan", "export", "--tenant", &world.tenant]);
    let told = String::from_utf8(output.stdout).unwrap();
    let page = world.of_tenant("actions/AdminMFAV2");
    let api = world.api("/actions");
    let decided = &api["value"][0];
    assert_eq!((said(&decided["controlId"]), said(&decided["owner"])), ("AdminMFAV2", "Nora Stein"));
    for part in ["Nora Stein", "2026-12-24"] {
        assert!(told.contains(part), "{told}");
        assert!(page.contains(part), "the action does not say {part}");
    }
}

fn review(world: &World) {
    let page = world.of_tenant("reviews");
    holds(&page, "Ines Falk");
    holds(&page, "2026-11-20");
}

fn tenant(world: &World) {
    let told = &world.json(&["trend"])["zones"];
    let page = world.page("/settings");
    assert_eq!((told["okay"].as_u64(), told["good"].as_u64()), (Some(10), Some(20)));
    for field in ["name=\"industry\" value=\"Shipping\"", "name=\"okay\" value=\"10\"", "name=\"good\" value=\"20\""] {
        assert!(page.contains(field), "{field}");
    }
}

fn tokens(world: &World) {
    let output = world.room.run(&["token", "list", "--tenant", &world.tenant]);
    let told = String::from_utf8(output.stdout).unwrap();
    let page = world.page("/settings");
    let row = rows(&page).into_iter().find(|row| row[0] == "test").unwrap();
    let until = told.split_once("until ").unwrap().1.get(..10).unwrap();
    assert_eq!((row[1].as_str(), row[4].as_str()), ("SecurityEvents.ReadWrite.All", format!("until {until}").as_str()));
}

fn alerts(world: &World) {
    let told = world.room.json(&["alerts", "list", "--json"]);
    assert_eq!(told, serde_json::json!([]), "no alerts.toml, no alert");
    holds(&world.page("/settings"), "Nothing was told yet, and nothing waits.");
}

fn audit(world: &World) {
    let told = world.room.json(&["audit", "list", "--format", "json", "--limit", "1000"]);
    let page = rows(&world.page("/settings/audit"));
    for entry in list(&told) {
        let number = entry["sequence"].to_string();
        let row = page.iter().find(|row| row[0] == number).unwrap();
        // An id that the name doesn't hold stands below it.
        let id = said(&entry["actorId"]);
        let name = said(&entry["actor"]);
        let actor = if name.ends_with(id) { name.to_owned() } else { format!("{name}{id}") };
        let told = [
            said(&entry["actorKind"]),
            &actor,
            said(&entry["action"]),
            said(&entry["subject"]),
            said(&entry["tenantId"]),
        ];
        for told in told {
            assert!(row.iter().any(|cell| cell == told), "{told} of {entry}: {row:?}");
        }
    }
}

fn audit_head(world: &World) {
    let told = world.room.json(&["audit", "head", "--json"]);
    let newest = told["sequence"].to_string();
    assert!(rows(&world.page("/settings/audit")).iter().any(|row| row[0] == newest), "{told}");
}

fn verify(world: &World) {
    let output = String::from_utf8(world.room.run(&["audit", "verify"]).stdout).unwrap();
    let (entries, head) = output.split_once(" entries, all whole\nhead ").unwrap();
    holds(
        &world.page("/settings/audit?verify=true"),
        &format!("The chain is whole: {entries} entries, up to {}", head.trim()),
    );
}

fn controls(world: &World) {
    let told: Value = serde_json::from_str(&stdout(&["controls", "list", "--format", "json"])).unwrap();
    let core: BTreeSet<&str> =
        list(&told).iter().filter(|control| control["set"] == "core").map(|control| said(&control["id"])).collect();
    let page: Value = serde_json::from_str(&world.of_tenant("actions.json")).unwrap();
    let shown: BTreeSet<&str> = list(&page["value"])
        .iter()
        .filter(|action| action["set"] == "core")
        .map(|action| said(&action["id"]))
        .collect();
    assert_eq!(shown, core);
}

fn control(world: &World) {
    let told = stdout(&["controls", "show", "AdminMFAV2"]);
    let page = text(&world.of_tenant("actions/AdminMFAV2"));
    let list = stdout(&["controls", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    let known = list.as_array().unwrap().iter().find(|control| control["id"] == "AdminMFAV2").unwrap();
    assert!(told.contains(said(&known["title"])) && page.contains(said(&known["title"])));
    assert!(page.contains(&format!("of {}", points(known["points"].as_f64().unwrap()))), "{page}");
    // The first step of the remedy is the same.
    let step = told.lines().map(str::trim).find_map(|line| line.strip_prefix("1. ")).unwrap();
    let words: Vec<&str> = step.split_whitespace().take(5).collect();
    assert!(page.contains(&words.join(" ")), "{words:?}: {page}");
}

/// Every command that does something, as the manual names them: `plan-show`.
fn commands() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    stdout(&["man", "--out", folder.path().to_str().unwrap()]);
    let pages = std::fs::read_dir(folder.path()).unwrap().map(|page| page.unwrap().file_name().into_string().unwrap());
    let all: BTreeSet<String> =
        pages.filter_map(|page| Some(page.strip_suffix(".1")?.strip_prefix("idscore-")?.to_owned())).collect();
    // A command that only holds others does nothing by itself.
    all.iter().filter(|one| !all.iter().any(|other| other.starts_with(&format!("{one}-")))).cloned().collect()
}

#[test]
fn everything_that_the_command_line_tells_is_shown_with_the_same_numbers() {
    let known: BTreeSet<String> = SHOWN.iter().map(|(command, _)| (*command).to_owned()).collect();
    assert_eq!(commands(), known, "say in `SHOWN` where the dashboard shows what a command tells");
    let world = World::new();
    for (command, shown) in SHOWN {
        match shown {
            Here(compared) => compared(&world),
            Nothing(why) => assert!(!why.is_empty(), "{command}"),
        }
    }
}
