//! Circles of references.

use scorekit_codegen::document::graph::{Graph, State};

fn graph(targets: &[&[usize]]) -> Graph {
    let targets = targets.iter().map(|all| all.to_vec()).collect();
    Graph { targets }
}

#[test]
fn things_that_lead_to_each_other_are_one_circle() {
    let graph = graph(&[&[1], &[2], &[1, 3], &[], &[4]]);
    let circles = graph.circles();
    assert_eq!(circles[1], circles[2]);
    assert_ne!(circles[0], circles[1]);
    assert_ne!(circles[3], circles[1]);
    assert_eq!(graph.is_circular(), [false, true, true, false, true]);
}

#[test]
fn a_circle_is_cut_at_its_first_thing() {
    assert_eq!(graph(&[&[1], &[2], &[0]]).cuts(), [(0, 1)]);
    assert_eq!(graph(&[&[0, 1], &[2], &[]]).cuts(), [(0, 0)]);
}

#[test]
fn things_lead_to_others_through_any_number_of_references() {
    let graph = graph(&[&[1], &[2], &[1], &[0]]);
    assert_eq!(graph.leading_to([1].into_iter()), [true; 4]);
    assert_eq!(
        graph.leading_to([0].into_iter()),
        [true, false, false, true]
    );
}

/// Every small graph without its cuts has no circle, and no cut is outside a circle.
#[test]
fn cuts_leave_no_circle() {
    for bits in 0_u32..1 << 16 {
        let is_set = |from: usize, to: usize| bits & (1 << (from * 4 + to)) != 0;
        let all = (0..4).map(|from| (0..4).filter(|to| is_set(from, *to)).collect());
        let mut graph = Graph {
            targets: all.collect(),
        };
        let circles = graph.circles();
        for (from, to) in graph.cuts() {
            assert_eq!(circles[from], circles[to], "{bits:b}");
            graph.targets[from].retain(|target| *target != to);
        }
        assert!(!graph.is_circular().contains(&true), "{bits:b}");
    }
}

#[test]
fn each_reference_is_followed_once() {
    const LENGTH: usize = 10_000;
    for last in [vec![], vec![0]] {
        let mut targets: Vec<Vec<usize>> = (1..LENGTH).map(|next| vec![next]).collect();
        targets.push(last.clone());
        let graph = Graph { targets };
        let mut count = 0;
        graph.finished(|_, _, _: State| count += 1);
        assert_eq!(count, LENGTH - 1 + last.len());
        assert_eq!(graph.cuts().len(), last.len());
    }
}
