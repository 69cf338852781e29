//! Who holds connections, so that one address can't hold them all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::deadlines::Activity;

/// The unit that limits count: an address of IPv4, or the network that a holder of IPv6 addresses has at least.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

/// Places that peers share. While there is room anyone gets one; when all are taken, whoever holds the most loses one that
/// waits for its client to whoever holds fewer.
#[derive(Debug)]
pub(crate) struct Peers {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    count: usize,
    next: u64,
    /// In the order in which they were taken.
    by_peer: HashMap<Option<IpAddr>, Vec<(u64, Arc<Activity>)>>,
}

/// A place, until it goes away.
#[derive(Debug)]
pub(crate) struct Place {
    peers: Arc<Peers>,
    peer: Option<IpAddr>,
    number: u64,
}

impl Peers {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// Takes a place for a peer; a trusted proxy is none, because many stand behind it. None when all are taken and the peer
    /// holds its share.
    pub(crate) fn admit(self: &Arc<Self>, peer: Option<IpAddr>, activity: &Arc<Activity>) -> Option<Place> {
        let peer = peer.map(network);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.count >= self.most && !held.make_room(peer) {
            return None;
        }
        let number = held.next;
        held.next = number.wrapping_add(1);
        held.count += 1;
        held.by_peer.entry(peer).or_default().push((number, Arc::clone(activity)));
        Some(Place { peers: Arc::clone(self), peer, number })
    }
}

impl Held {
    /// Ends the oldest place that waits for its client, of the peer that holds the most.
    fn make_room(&mut self, newcomer: Option<IpAddr>) -> bool {
        let own = newcomer.map_or(0, |_| self.by_peer.get(&newcomer).map_or(0, Vec::len));
        let peers = self.by_peer.iter().filter(|(peer, places)| peer.is_some() && places.len() > own + 1);
        let Some((&peer, places)) = peers.max_by_key(|(_, places)| places.len()) else { return false };
        let Some((number, activity)) = places.iter().find(|(_, activity)| activity.waits_for_client()) else {
            return false;
        };
        activity.evict();
        self.leave(peer, *number);
        true
    }

    fn leave(&mut self, peer: Option<IpAddr>, number: u64) {
        let Some(places) = self.by_peer.get_mut(&peer) else { return };
        let Some(at) = places.iter().position(|(held, _)| *held == number) else { return };
        places.remove(at);
        if places.is_empty() {
            self.by_peer.remove(&peer);
        }
        self.count -= 1;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.peers.held.lock().unwrap_or_else(PoisonError::into_inner).leave(self.peer, self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadlines::Underway;

    fn peer(number: u8) -> Option<IpAddr> {
        Some([192, 0, 2, number].into())
    }

    fn evicted(activity: &Activity) -> bool {
        use futures_util::FutureExt;
        activity.evicted().now_or_never().is_some()
    }

    #[test]
    fn whoever_holds_the_most_makes_room_for_whoever_holds_fewer() {
        let peers = Peers::new(3);
        let activities: Vec<_> = (0..4).map(|_| Activity::new()).collect();
        let many: Vec<_> = activities[..3].iter().map(|activity| peers.admit(peer(1), activity).unwrap()).collect();
        assert!(peers.admit(peer(1), &activities[3]).is_none(), "all places are its own");
        let _other = peers.admit(peer(2), &activities[3]).unwrap();
        assert_eq!([0, 1, 2, 3].map(|at| evicted(&activities[at])), [true, false, false, false]);
        assert!(peers.admit(peer(2), &Activity::new()).is_none(), "2 and 1 of 3 is fair");
        drop(many);
        assert!(peers.admit(peer(2), &Activity::new()).is_some());
    }

    #[test]
    fn what_is_being_answered_and_what_a_proxy_holds_is_not_ended() {
        let peers = Peers::new(2);
        let (working, through_proxy) = (Activity::new(), Activity::new());
        let _underway = Underway::begin(&working);
        let _places = [peers.admit(peer(1), &working).unwrap(), peers.admit(None, &through_proxy).unwrap()];
        assert!(peers.admit(peer(2), &Activity::new()).is_none());
        assert!(!evicted(&working) && !evicted(&through_proxy));
    }

    #[test]
    fn a_holder_of_ipv6_has_a_network_of_addresses() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }
}
