//! What holds for every page that a link leads to.

use anyhow::{Context, ensure};
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::browser::LOOKS;
use crate::judge::{Judge, keep_picture};
use crate::world::with_browser;

#[tokio::test]
async fn every_page_is_accessible_fits_its_window_and_keeps_its_policy() {
    with_browser(true, |browser| async move {
        let judge = Judge::new();
        let pages = browser.every_page().await?;
        ensure!(pages.len() >= 5, "only {pages:?}");
        browser.complaints().await?;
        let mut found = Vec::new();
        for page in &pages {
            for look in LOOKS {
                browser.look(look).await?;
                browser.open(page).await?;
                found.extend(judge.faults(&browser).await?.iter().map(|fault| format!("{page} {look:?}: {fault}")));
                keep_picture(&browser, page, look).await?;
            }
        }
        ensure!(found.is_empty(), "{} pages:\n{}", pages.len(), found.join("\n"));
        println!("{} pages looked at: {pages:?}", pages.len());
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn every_page_says_all_of_it_without_script() {
    with_browser(true, |with| async move {
        let pages = with.every_page().await?;
        with_browser(false, |without| async move {
            without.look(LOOKS[0]).await?;
            with.look(LOOKS[0]).await?;
            for page in &pages {
                with.open(page).await?;
                without.open(page).await?;
                for selector in ["h1", "main"] {
                    let (full, plain) = (with.text(selector).await?, without.text(selector).await?);
                    // Buttons that scripts press by themselves are there too.
                    let missing: Vec<_> = full.lines().filter(|line| !plain.contains(line.trim())).collect();
                    ensure!(
                        !plain.is_empty() && missing.is_empty(),
                        "{page} {selector} without script lacks {missing:?}"
                    );
                }
            }
            Ok(())
        })
        .await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn from_the_start_to_the_people_to_call_in_three_clicks() {
    with_browser(true, |browser| async move {
        browser.look(LOOKS[0]).await?;
        browser.open("/").await?;
        // The first action that people lose points by.
        let actions = browser.driver.find_all(By::Css("a[href*='/actions/']")).await?;
        let mut clicked = false;
        for action in actions {
            let about_people = ["AdminMFAV2", "MFARegistrationV2", "BlockLegacyAuthentication", "SigninRiskPolicy"];
            let leads_to = action.attr("href").await?.unwrap_or_default();
            if about_people.iter().any(|control| leads_to.contains(control)) {
                browser.leave(async { Ok(action.click().await?) }).await?;
                clicked = true;
                break;
            }
        }
        ensure!(clicked, "the overview leads to no action about people");
        let people = browser.driver.find_all(By::Css("#people table.evidence tbody tr")).await?;
        ensure!(people.len() >= 2, "{} shows no people", browser.path().await?);
        // Whoever holds a privileged role is called before everybody else.
        let urgent = "return [...document.querySelectorAll('#people table.evidence tbody tr')]
                      .map(row => row.textContent.includes('privileged'))";
        let urgent = browser.ask(urgent).await?;
        let urgent: Vec<bool> = urgent.as_array().context("no list")?.iter().filter_map(Value::as_bool).collect();
        ensure!(urgent.first() == Some(&true) && urgent.is_sorted_by(|one, next| one >= next), "{urgent:?}");
        Ok(())
    })
    .await
    .unwrap();
}
