//! The reference pages.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use idscore_catalogue::Catalogue;
use idscore_catalogue::reference::{Page, control_page, pages};

#[test]
fn the_page_of_a_control_says_everything_that_its_file_says() {
    let catalogue = Catalogue::embedded().unwrap();
    insta::assert_snapshot!(control_page(catalogue.control("ga_count_max").unwrap(), &catalogue));
}

#[test]
fn every_control_and_table_has_a_page_and_no_link_is_dead() {
    let catalogue = Catalogue::embedded().unwrap();
    let pages = pages(&catalogue);
    let mut known: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    assert_eq!(known.len(), pages.len(), "two pages of one name");
    known.insert("commands.md");
    for control in &catalogue.controls {
        assert!(known.contains(format!("controls/{}.md", control.id).as_str()), "{}", control.id);
    }
    for page in &pages {
        for target in links(page) {
            assert!(known.contains(target.as_str()), "{} links to {target}", page.path);
        }
    }
}

/// The pages that a page links to, as paths below the reference's folder.
fn links(page: &Page) -> Vec<String> {
    let folder = Path::new(&page.path).parent().unwrap();
    let targets = page.text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets
        .filter(|target| !target.starts_with("https://"))
        .map(|target| {
            let mut path = PathBuf::new();
            for component in folder.join(target.split('#').next().unwrap()).components() {
                match component {
                    Component::ParentDir => assert!(path.pop(), "{target}"),
                    other => path.push(other),
                }
            }
            path.to_string_lossy().replace('\\', "/")
        })
        .collect()
}
