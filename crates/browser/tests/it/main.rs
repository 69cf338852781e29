//! The dashboard of `idscore demo` in chromium, by mouse and by keyboard, with script and without.

mod keyboard;
mod pages;
mod world;
