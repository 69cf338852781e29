//! Users by the set of policies they are in: computed one policy at a time over all users, never one user at a time.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use crate::bits;
use crate::scope::Scope;

/// The distinct sets of policies among the users.
#[derive(Debug, Default)]
pub(crate) struct Signatures {
    /// Row of a user → signature.
    pub(crate) of_user: Vec<u32>,
    /// How many there are.
    pub(crate) count: usize,
    /// Distinct columns: which signatures are in it, as bits.
    columns: Vec<Vec<u64>>,
    /// Policy → columns of its sure and its possible users.
    of_policy: Vec<(usize, usize)>,
}

const NONE: u32 = u32::MAX;

impl Signatures {
    /// The signatures that the scopes of all policies make.
    pub(crate) fn of(scopes: &[Scope], user_count: u32) -> Signatures {
        let (bitmaps, of_policy) = distinct(scopes);
        let users = user_count as usize;
        let mut of_user = vec![0_u32; users];
        let mut sizes = vec![user_count];
        let mut free: Vec<u32> = Vec::new();
        let mut moved: Vec<u32> = Vec::new();
        let everybody = RoaringBitmap::from_iter(0..user_count);
        for bitmap in &bitmaps {
            // Splitting off the smaller half makes the same signatures.
            let inverse;
            let smaller = if bitmap.len() * 2 > u64::from(user_count) {
                inverse = &everybody - *bitmap;
                &inverse
            } else {
                bitmap
            };
            moved.clear();
            moved.resize(sizes.len(), NONE);
            let mut touched = Vec::new();
            for user in smaller {
                let signature = &mut of_user[user as usize];
                let old = *signature as usize;
                let mut target = moved[old];
                if target == NONE {
                    target = free.pop().unwrap_or_else(|| {
                        sizes.push(0);
                        moved.push(NONE);
                        u32::try_from(sizes.len() - 1).unwrap_or(NONE)
                    });
                    sizes[target as usize] = 0;
                    moved[old] = target;
                    touched.push(old);
                }
                sizes[old] -= 1;
                sizes[target as usize] += 1;
                *signature = target;
            }
            free.extend(touched.into_iter().filter(|old| sizes[*old] == 0).filter_map(|old| u32::try_from(old).ok()));
        }
        number_by_first_user(&mut of_user, sizes.len(), &bitmaps, of_policy)
    }

    /// The signatures whose users are in scope of a policy for sure.
    pub(crate) fn sure(&self, policy: usize) -> &[u64] {
        &self.columns[self.of_policy[policy].0]
    }

    /// Whether the users in scope of a policy are exactly known.
    pub(crate) fn is_exact(&self, policy: usize) -> bool {
        let (sure, possible) = self.of_policy[policy];
        sure == possible
    }

    /// The signatures whose users may be in scope of a policy.
    pub(crate) fn possible(&self, policy: usize) -> &[u64] {
        &self.columns[self.of_policy[policy].1]
    }
}

/// Policies often have the same users; each distinct set is one column.
fn distinct(scopes: &[Scope]) -> (Vec<&RoaringBitmap>, Vec<(usize, usize)>) {
    let mut columns: Vec<&RoaringBitmap> = Vec::new();
    let mut by_size: HashMap<(u64, Option<u32>, Option<u32>), Vec<usize>> = HashMap::new();
    let mut column = |bitmap| -> usize {
        let bitmap: &RoaringBitmap = bitmap;
        let alike = by_size.entry((bitmap.len(), bitmap.min(), bitmap.max())).or_default();
        if let Some(found) = alike.iter().find(|index| columns[**index] == bitmap) {
            return *found;
        }
        columns.push(bitmap);
        alike.push(columns.len() - 1);
        columns.len() - 1
    };
    let of_policy = scopes.iter().map(|scope| (column(&scope.users.sure), column(&scope.users.possible))).collect();
    (columns, of_policy)
}

fn number_by_first_user(
    of_user: &mut Vec<u32>,
    ids: usize,
    bitmaps: &[&RoaringBitmap],
    of_policy: Vec<(usize, usize)>,
) -> Signatures {
    let mut number = vec![NONE; ids];
    let mut first_users = RoaringBitmap::new();
    let mut count = 0_u32;
    for (user, signature) in (0_u32..).zip(of_user.iter_mut()) {
        let number = &mut number[*signature as usize];
        if *number == NONE {
            *number = count;
            count += 1;
            first_users.insert(user);
        }
        *signature = *number;
    }
    let count = count as usize;
    let columns = bitmaps
        .iter()
        .map(|bitmap| {
            let mut column = bits::none(count);
            for user in *bitmap & &first_users {
                bits::set(&mut column, of_user[user as usize] as usize);
            }
            column
        })
        .collect();
    Signatures { of_user: std::mem::take(of_user), count, columns, of_policy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;

    fn scope(sure: &[u32], possible: &[u32]) -> Scope {
        let users = Bounds { sure: sure.iter().copied().collect(), possible: possible.iter().copied().collect() };
        Scope { users, reasons: Vec::new() }
    }

    #[test]
    fn users_in_the_same_policies_share_a_signature() {
        let scopes = [scope(&[0, 1, 2, 3], &[0, 1, 2, 3]), scope(&[1], &[1, 4]), scope(&[1, 3], &[1, 3])];
        let found = Signatures::of(&scopes, 6);
        assert_eq!(found.of_user, [0, 1, 0, 2, 3, 4]);
        assert_eq!(found.count, 5);
        let in_third: Vec<bool> = (0..5).map(|row| bits::has(found.sure(2), row)).collect();
        assert_eq!(in_third, [false, true, true, false, false]);
        assert!(bits::has(found.possible(1), 3) && !bits::has(found.sure(1), 3));
    }
}
