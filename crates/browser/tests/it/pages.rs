//! What holds for every page that a link leads to.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::world::{Browser, LOOKS, with_browser};

/// WCAG 2.2 AA, all before it, and what axe-core holds for good practice.
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

fn axe() -> String {
    let file = std::env::var("IDSCORE_AXE").expect("IDSCORE_AXE is not set: run ./test, which brings axe-core");
    std::fs::read_to_string(file).expect("axe-core can be read")
}

#[tokio::test]
async fn every_page_is_accessible_fits_its_window_and_keeps_its_policy() {
    with_browser(true, |browser| async move {
        let axe = axe();
        let pages = browser.every_page().await?;
        ensure!(pages.len() >= 5, "only {pages:?}");
        browser.complaints().await?;
        let mut found = Vec::new();
        for page in &pages {
            for look in LOOKS {
                browser.look(look).await?;
                browser.open(page).await?;
                let said = browser.complaints().await?;
                found.extend(said.iter().map(|said| format!("{page} {look:?}: the console says {said}")));
                let wide = browser.ask("return document.documentElement.scrollWidth > window.innerWidth").await?;
                if wide != Value::Bool(false) {
                    found.push(format!("{page} {look:?}: scrolls sideways"));
                }
                found.extend(violations(&browser, &axe).await?.iter().map(|one| format!("{page} {look:?}: {one}")));
                keep_picture(&browser, page, look.width, look.theme).await?;
            }
        }
        ensure!(found.is_empty(), "{} pages:\n{}", pages.len(), found.join("\n"));
        println!("{} pages looked at: {pages:?}", pages.len());
        Ok(())
    })
    .await
    .unwrap();
}

/// What axe-core finds wrong with a page.
async fn violations(browser: &Browser, axe: &str) -> Result<Vec<String>> {
    browser.driver.execute(axe, vec![]).await?;
    let run = format!(
        "const done = arguments[arguments.length - 1];
         axe.run(document, {{runOnly: {{type: 'tag', values: {RULES}}}}}).then(
             found => done(found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 3)
                 .map(node => node.target.join(' ') + ' ' + node.failureSummary).join(' | '))),
             error => done(['axe-core failed: ' + error]));"
    );
    let found = browser.driver.execute_async(run, vec![]).await?.json().clone();
    let found = found.as_array().context("axe-core gave no list")?;
    Ok(found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect())
}

/// Where `IDSCORE_SCREENSHOTS` names a folder, the whole page goes there.
async fn keep_picture(browser: &Browser, page: &str, width: u32, theme: &str) -> Result<()> {
    let Ok(folder) = std::env::var("IDSCORE_SCREENSHOTS") else { return Ok(()) };
    let name: Vec<&str> =
        page.split('?').next().unwrap_or_default().split('/').filter(|part| part.len() != 36).collect();
    let file = format!("{}-{width}-{theme}.png", name.join("-").trim_matches('-'));
    let clip = serde_json::json!({"captureBeyondViewport": true, "format": "png"});
    let picture = browser.driver.cdp().send_raw("Page.captureScreenshot", clip).await?;
    let picture = picture["data"].as_str().context("no picture")?;
    std::fs::create_dir_all(&folder)?;
    std::fs::write(Path::new(&folder).join(file), base64(picture)?)?;
    Ok(())
}

fn base64(text: &str) -> Result<Vec<u8>> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
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
                action.click().await?;
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
