//! The dashboard of `idscore demo` in chromium, by mouse and by keyboard, with script and without; and people who sign in to
//! `idscore serve` with a provider.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod every_action;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod keyboard;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod provided;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod world;
