//! Where claims for remote installers are kept.

use async_trait::async_trait;

use crate::Failure;

/// A folder that the operator chose. Only encrypted files come here.
#[async_trait]
pub trait ClaimFiles: Send + Sync {
    /// `folder:/home/mori/claims`.
    fn name(&self) -> String;

    /// Can a file be put here? Asked before a claim is spent. Leaves nothing behind.
    async fn check(&self) -> Result<(), Failure>;

    /// Puts a file here whole or not at all, for its owner only to read, and never over another one. Returns its path.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<String, Failure>;

    /// Reads what was put.
    async fn read_back(&self, path: &str) -> Result<Vec<u8>, Failure>;
}
