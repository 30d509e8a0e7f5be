//! The four systems that Fieldkey grew from, each told from its beginning to its end. `docs/stories.md` accounts
//! for every call that they make.

mod seed_0;
mod seed_1;
mod seed_3;
mod seed_4;
