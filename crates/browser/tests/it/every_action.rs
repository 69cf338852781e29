//! The page of every action, and every page as somebody who may do less.

use anyhow::{Context, Result, ensure};

use crate::browser::{Browser, LOOKS};
use crate::judge::Judge;
use crate::provided::Provided;
use crate::sign_in::{begin, sign_in};
use crate::world::{ended, with_browser};

/// Actions that are seen at every width and theme: by Conditional Access, by users, by a setting, by people alone.
const KINDS: [&str; 4] = ["BlockLegacyAuthentication", "AdminMFAV2", "PWAgePolicyNew", "task_review_risky_users"];

/// Paths with what stands beside them in the list of actions.
async fn actions(browser: &Browser) -> Result<Vec<(String, String)>> {
    browser.open("/").await?;
    let list = browser.path().await?.replace("/overview", "/actions");
    browser.open(&list).await?;
    let script = "return [...document.querySelectorAll('table.actions tbody th a')]
                  .map(link => [new URL(link.href).pathname, link.closest('tr').textContent])";
    let found = browser.ask(script).await?;
    Ok(serde_json::from_value(found)?)
}

#[tokio::test]
async fn the_page_of_every_action_is_accessible_and_keeps_its_policy() {
    with_browser(true, |browser| async move {
        let judge = Judge::new();
        browser.look(LOOKS[0]).await?;
        let actions = actions(&browser).await?;
        ensure!(actions.len() > 40, "only {} actions", actions.len());
        let unassessed = actions.iter().find(|(_, row)| row.contains("Not assessed"));
        let unassessed = &unassessed.context("the demonstration has no action that was not assessed")?.0;
        let is_kind = |path: &str| path == unassessed || KINDS.iter().any(|kind| path.ends_with(&format!("/{kind}")));
        ensure!(actions.iter().filter(|(path, _)| is_kind(path)).count() == KINDS.len() + 1, "{actions:?}");
        browser.complaints().await?;
        let mut found = Vec::new();
        for (path, _) in &actions {
            for look in if is_kind(path) { &LOOKS[..] } else { &LOOKS[..1] } {
                browser.look(*look).await?;
                browser.open(path).await?;
                found.extend(judge.faults(&browser).await?.iter().map(|fault| format!("{path} {look:?}: {fault}")));
            }
        }
        ensure!(found.is_empty(), "{} actions:\n{}", actions.len(), found.join("\n"));
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn who_may_do_less_is_offered_less_on_pages_that_are_whole() {
    let world = Provided::real().unwrap();
    for (who, decides) in [("rita", false), ("otto", true)] {
        let browser = Browser::new(&world.origin, true).await.unwrap();
        ended(browser, |browser| async move {
            let judge = Judge::new();
            browser.look(LOOKS[0]).await?;
            begin(&browser, "/tenants").await?;
            sign_in(&browser, who).await?;
            let pages = browser.every_page().await?;
            ensure!(pages.len() >= 10, "{who} sees only {pages:?}");
            browser.complaints().await?;
            let (mut found, mut forms) = (Vec::new(), 0);
            for page in &pages {
                for look in [LOOKS[0], LOOKS[3]] {
                    browser.look(look).await?;
                    browser.open(page).await?;
                    let faults = judge.faults(&browser).await?;
                    found.extend(faults.iter().map(|fault| format!("{who} {page} {look:?}: {fault}")));
                }
                let changes = browser.ask("return document.querySelectorAll('main form[method=post]').length").await?;
                forms += changes.as_u64().unwrap_or(0);
                let settings = "return document.querySelectorAll('a[href^=\"/settings\"]').length";
                ensure!(browser.ask(settings).await? == 0, "{who} is led to the settings by {page}");
                let uploads = "return document.querySelectorAll('a[href$=\"/upload\"]').length";
                ensure!(decides || browser.ask(uploads).await? == 0, "{who} is led to send: {page}");
            }
            ensure!(found.is_empty(), "{}", found.join("\n"));
            ensure!((forms > 0) == decides, "{who} is offered {forms} forms that change something");
            browser.open("/settings").await?;
            ensure!(browser.text("h1").await? == "This is not yours to do");
            Ok(())
        })
        .await
        .unwrap();
    }
}
