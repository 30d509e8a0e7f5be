//! Facts of the engine, its recipes and their loader.

mod faulty;
mod fuzzed;
mod loader;
mod refusals;
mod roots;
mod written;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock, Mutex};

use fieldkey_simulators::at::{AtModem, Dialect, EspAt, Manner, Model, Quectel, SimCom, SimComFs, Ublox};
use fieldkey_simulators::{Faults, Simulated};

use super::{Modem, Recipe, recipes};
use crate::drivers::Driver;
use crate::serial::{Line, Settings, SimulatedWire};

type Bench<M> = Arc<Mutex<Simulated<AtModem<M>>>>;

fn bench<M: Model>(model: M, manner: Manner) -> Bench<M> {
    Arc::new(Mutex::new(Simulated::new(AtModem::new(model, manner), Faults::none())))
}

fn line<M: Model + 'static>(bench: &Bench<M>) -> Line {
    Line::new(Box::new(SimulatedWire(Arc::clone(bench))), "serial:simulated", Arc::new(AtomicBool::new(false)))
}

fn recipe(name: &str) -> Recipe {
    static OURS: LazyLock<Vec<Recipe>> = LazyLock::new(|| {
        let (recipes, failures) = recipes(&[]);
        assert!(failures.is_empty(), "our own recipes are whole: {failures:?}");
        recipes
    });
    OURS.iter().find(|recipe| recipe.name == name).expect(name).clone()
}

fn modem(name: &str) -> Modem {
    Modem::new(recipe(name), &mut Settings::default()).expect("no settings")
}

fn driver(name: &'static str) -> impl Fn() -> Box<dyn Driver> + Clone + Send + Sync + 'static {
    move || Box::new(modem(name))
}

fn sara() -> Ublox {
    Ublox::new(Dialect::Sara)
}

fn nina() -> Ublox {
    Ublox::new(Dialect::Nina)
}

fn with<M>(mut model: M, change: impl FnOnce(&mut M)) -> M {
    change(&mut model);
    model
}
