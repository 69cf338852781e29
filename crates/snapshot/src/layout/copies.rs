//! `users (1).json` beside `users.json`: a file that was downloaded twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::names::copy_of;
use super::{DataFile, Layout, stem};
use crate::ReadError;
use crate::ids::Id;
use crate::json::{Chunks, Elements, read_chunk};

/// What a file says about each object, in little memory.
#[derive(Default)]
struct Said {
    rows: HashMap<Option<Id>, u64>,
}

impl Elements for Said {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let object = Value::deserialize(deserializer)?;
        let id = object.as_object().and_then(|object| {
            object.iter().find(|(name, _)| name.eq_ignore_ascii_case("id")).and_then(|(_, id)| id.as_str()).map(Id::of)
        });
        let mut hasher = DefaultHasher::new();
        object.to_string().hash(&mut hasher);
        self.rows.insert(id, hasher.finish());
        Ok(())
    }
}

impl Said {
    fn of(file: &DataFile) -> Result<Self, ReadError> {
        let mut said = Self::default();
        let mut chunks = Chunks::open(&file.file.name, file.file.open()?, file.file.size)?;
        while let Some(chunk) = chunks.next_chunk()? {
            read_chunk(&chunk, &mut said)?;
        }
        Ok(said)
    }
}

impl Layout {
    /// Leaves out a copy that says nothing new; one that says something else of an object is refused.
    pub(super) fn without_copies(&mut self) -> Result<(), ReadError> {
        for files in self.data.values_mut() {
            let copies: Vec<usize> = (0..files.len())
                .filter(|at| files.get(*at).is_some_and(|file| copy_of(stem(&file.file.name)).1.is_some()))
                .collect();
            let mut idle = Vec::new();
            for at in copies {
                let Some(copy) = files.get(at) else { continue };
                let (plain, _) = copy_of(stem(&copy.file.name));
                let original = files
                    .iter()
                    .find(|file| file.folder() == copy.folder() && stem(&file.file.name).eq_ignore_ascii_case(plain));
                let Some(original) = original else { continue };
                let (first, second) = (Said::of(original)?, Said::of(copy)?);
                let known = |(id, said): (&Option<Id>, &u64)| first.rows.get(id).map(|first| first == said);
                let known: Vec<Option<bool>> = second.rows.iter().map(known).collect();
                if known.contains(&Some(false)) {
                    return Err(ReadError::TwoCopies {
                        first: original.file.name.clone(),
                        second: copy.file.name.clone(),
                    });
                }
                if !known.contains(&None) {
                    idle.push(at);
                }
            }
            for at in idle.into_iter().rev() {
                files.remove(at);
            }
        }
        Ok(())
    }
}
