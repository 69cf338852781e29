use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::columns::Columns;
use crate::problem::Problems;

const CONTROL: &str = include_str!("../../../../controls/administrators/ga_count_max.md");

fn read_text(text: &str) -> (Option<Control>, Problems) {
    let mut problems = Problems::of("controls/x.md");
    let file = ControlFile { path: Path::new("controls/x.md"), area: "own", text, built_in: true };
    let control = read(file, &Columns::with(&[]), &mut problems);
    (control, problems)
}

#[test]
fn a_control_says_what_its_file_says() {
    let (control, problems) = read_text(CONTROL);
    assert_eq!(problems.into_vec(), []);
    let control = control.unwrap();
    assert_eq!((control.id.as_str(), control.set, control.scoring), ("x", Set::Extended, Scoring::Binary));
    assert_eq!(control.points, Points::whole(3));
    let met = |profile| match &control.checks[&profile].rule {
        Rule::Met(met) => met.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(met(Profile::Standard), "global_admin_counted >= 2 AND global_admin_counted <= 4");
    assert_eq!(met(Profile::Strict), met(Profile::Standard));
    assert_eq!(met(Profile::Compat), "global_admin_counted >= 2");
    assert_eq!(control.checks[&Profile::Compat].evidence_rows.as_ref().unwrap().of.name, "users");
    let first = &control.cases[0];
    assert_eq!((first.outcome, first.counts, first.profile), (Outcome::Met, Some((1, 1)), Profile::Standard));
    assert_eq!(first.taken_at.to_string(), "2026-11-23T00:00:00Z");
    assert_eq!(first.tables["tenant"].rows, [("contoso".to_owned(), vec![Some("3".to_owned())])]);
}

#[test]
fn a_task_is_met_for_its_period() {
    let front = "+++\ntitle = \"t\"\nset = \"extended\"\npoints = 1\nscoring = \"task\"\nsince = \"0.1.0\"\n\
                 user_impact = \"none\"\neffort = \"low\"\n[check]\nevery = \"P2W\"\n+++\nWhy.\n\n## Fix\n\nDo.\n\n## Cases\n";
    let case = |title: &str, outcome: &str, date: &str| {
        format!(
            "\n### {title}\n\nExpect: {outcome}\nTaken at: 2026-06-30\n\n| review | at |\n| - | - |\n| r | {date} |\n"
        )
    };
    let cases = [case("a", "met", "2026-06-20"), case("b", "partial", "2026-06-10"), case("c", "notMet", "2026-01-01")];
    let (control, problems) = read_text(&format!("{front}{}", cases.concat()));
    assert_eq!(problems.into_vec(), []);
    let control = control.unwrap();
    assert!(matches!(control.checks[&Profile::Strict].rule, Rule::Task { every_days: 14 }));
    assert_eq!(control.cases[0].taken_at.to_string(), "2026-06-30T00:00:00Z");
}

#[test]
fn a_task_that_needs_a_licence_shows_the_tenant_without_it() {
    let front = "+++\ntitle = \"t\"\nset = \"extended\"\npoints = 1\nscoring = \"task\"\nsince = \"0.1.0\"\nlicense = [\"P2\"]\n\
                 user_impact = \"none\"\neffort = \"low\"\n[check]\nevery = \"P7D\"\n+++\nWhy.\n\n## Fix\n\nDo.\n\n## Cases\n";
    let case = |outcome: &str, table: &str| format!("\n### {outcome}\n\nExpect: {outcome}\n\n{table}\n");
    let review = |date: &str| format!("| review | at |\n| - | - |\n| r | {date} |");
    let shown = [
        case("met", &review("2026-11-20")),
        case("partial", &review("2026-11-12")),
        case("notMet", &review("2026-01-01")),
    ];
    let (_, problems) = read_text(&format!("{front}{}", shown.concat()));
    let messages: Vec<String> = problems.into_vec().into_iter().map(|problem| problem.message).collect();
    assert_eq!(messages, ["no case for the outcome `notApplicable`, which the control can give"]);
    let without = case("notApplicable", "| tenant | has_p1 | has_p2 |\n| - | - | - |\n| c | true | false |");
    let (_, problems) = read_text(&format!("{front}{}{without}", shown.concat()));
    assert_eq!(problems.into_vec(), []);
}

#[test]
fn hostile_files_are_refused_and_neither_overflow_nor_take_long() {
    for text in [
        format!("+++\na = {}\n+++\n", "[".repeat(100_000)),
        format!("+++\na = {}\n+++\n", "{a=".repeat(60_000)),
        format!("+++\n[{}a]\n+++\n", "a.".repeat(100_000)),
        format!("+++\n{}+++\n", "a = 1\n".repeat(30_000)),
        format!("+++\n+++\n{}", "## x\n".repeat(40_000)),
        format!("+++\n+++\n## Cases\n{}", "### x\nExpct: met\n".repeat(15_000)),
        format!("+++\n+++\n## Cases\n### x\nExpect: met\n| a |\n| - |\n{}", "| b |\n".repeat(30_000)),
        "+++\n".repeat(60_000),
    ] {
        let (control, problems) = read_text(&text);
        assert!(control.is_none());
        let problems = problems.into_vec();
        assert!((1..=201).contains(&problems.len()), "{}", problems.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,60}(\n|\\+\\+\\+|\\||## Cases|### x|Expect: |\\PC{0,20}){0,20}") {
        read_text(&format!("+++\n{text}\n+++\n{text}"));
        read_text(&text);
    }

    #[test]
    fn no_damage_to_a_control_makes_the_reader_panic(
        from in 0..CONTROL.len(), length in 0_usize..200, inserted in "(\\PC|\n|\\||\"){0,5}"
    ) {
        let boundary = |at: usize| (at..=CONTROL.len()).find(|at| CONTROL.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (boundary(from), boundary((from + length).min(CONTROL.len())));
        read_text(&format!("{}{inserted}{}", &CONTROL[..start], &CONTROL[end..]));
    }
}
