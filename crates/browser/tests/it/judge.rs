//! What is wrong with the page that a browser shows.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::browser::{Browser, Look};
use crate::world::told;

/// WCAG 2.2 AA, all before it, and what axe-core holds for good practice.
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

/// axe-core, and eyes for the rest.
pub struct Judge {
    axe: String,
}

impl Judge {
    pub fn new() -> Self {
        let axe = std::fs::read_to_string(told("IDSCORE_AXE")).expect("axe-core can be read");
        Self { axe }
    }

    /// What the console complained about, whether the page scrolls sideways, and what axe-core finds.
    pub async fn faults(&self, browser: &Browser) -> Result<Vec<String>> {
        let said = browser.complaints().await?;
        let mut found: Vec<String> = said.iter().map(|said| format!("the console says {said}")).collect();
        // The inner width grows with what sticks out on a phone; the client's doesn't.
        let wide =
            browser.ask("return document.documentElement.scrollWidth > document.documentElement.clientWidth").await?;
        if wide != Value::Bool(false) {
            // The innermost of what sticks out.
            let which = "const wide = document.documentElement.clientWidth; \
                return [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > wide + 0.5) \
                    .filter((one, at, all) => !all.some(other => other !== one && one.contains(other))).slice(0, 3) \
                    .map(one => one.outerHTML.slice(0, 200)).join(' | ')";
            let which = browser.ask(which).await?;
            found.push(format!("scrolls sideways: {}", which.as_str().unwrap_or_default()));
        }
        found.extend(self.violations(browser).await?);
        Ok(found)
    }

    async fn violations(&self, browser: &Browser) -> Result<Vec<String>> {
        browser.driver.execute(&self.axe, vec![]).await?;
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
}

/// Where `IDSCORE_SCREENSHOTS` names a folder, the whole page goes there.
pub async fn keep_picture(browser: &Browser, page: &str, look: Look) -> Result<()> {
    let Ok(folder) = std::env::var("IDSCORE_SCREENSHOTS") else { return Ok(()) };
    let name: Vec<&str> =
        page.split('?').next().unwrap_or_default().split('/').filter(|part| part.len() != 36).collect();
    let file = format!("{}-{}-{}.png", name.join("-").trim_matches('-'), look.width, look.theme);
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
