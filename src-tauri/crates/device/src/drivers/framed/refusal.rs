//! A device's no, and what it means to people.

use fieldkey_core::{Code, Failure, Why};

use super::fields::Fields;
use crate::serial::Line;

/// Why a device refuses a request; the numbers are the protocol's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    UnknownRequest,
    Malformed,
    /// It has started again since the greeting.
    NoSession,
    NotFound,
    Full,
    TooLarge,
    BadName,
    BadKind,
    NotReadable,
    /// It expects this offset; 0: it has begun no object.
    WrongOffset(u32),
    Storage,
    ReadOnly,
    Locked,
    NoKey,
    BadVersion,
    /// One that this Fieldkey does not know.
    Other(u8),
}

impl Refusal {
    pub(super) fn parse(payload: &[u8]) -> Self {
        let mut fields = Fields(payload);
        match fields.byte().unwrap_or(0) {
            1 => Self::UnknownRequest,
            2 => Self::Malformed,
            3 => Self::NoSession,
            4 => Self::NotFound,
            5 => Self::Full,
            6 => Self::TooLarge,
            7 => Self::BadName,
            8 => Self::BadKind,
            9 => Self::NotReadable,
            10 => Self::WrongOffset(fields.u32().unwrap_or(0)),
            11 => Self::Storage,
            12 => Self::ReadOnly,
            13 => Self::Locked,
            14 => Self::NoKey,
            15 => Self::BadVersion,
            other => Self::Other(other),
        }
    }

    pub(super) fn failure(self, line: &Line) -> Failure {
        line.failure(self.code()).because_of(self.why())
    }

    fn code(self) -> Code {
        match self {
            Self::Full | Self::TooLarge => Code::TargetFull,
            Self::ReadOnly => Code::TargetReadOnly,
            Self::NoSession => Code::DeviceSilent,
            _ => Code::DeviceRejected,
        }
    }

    fn why(self) -> Why {
        let (en, ja) = match self {
            Self::UnknownRequest => {
                ("its firmware does not know this request", "ファームウェアがこの要求に対応していません")
            }
            Self::Malformed => ("it found the request malformed", "要求の形式が正しくないと応答しました"),
            Self::NoSession => ("it keeps starting again", "再起動を繰り返しています"),
            Self::NotFound => ("it has no object of that name", "その名前のオブジェクトがありません"),
            Self::Full => ("its storage is full", "保存領域がいっぱいです"),
            Self::TooLarge => ("one object is larger than it takes", "保存できる大きさを超えるオブジェクトがあります"),
            Self::BadName => ("it does not take an object of that name", "その名前のオブジェクトは保存できません"),
            Self::BadKind => ("it does not take an object of that kind", "その種類のオブジェクトは保存できません"),
            Self::NotReadable => ("it does not give private keys away", "秘密鍵の読み出しは許可されていません"),
            Self::WrongOffset(_) => ("it lost its place in what was written", "書き込みの位置が一致しません"),
            Self::Storage => ("its storage failed", "保存領域でエラーが発生しました"),
            Self::ReadOnly => ("it takes no more credentials", "認証情報の書き込みが禁止されています"),
            Self::Locked => {
                ("it is locked: unlock it as its manual says", "ロックされています。取扱説明書に従って解除してください")
            }
            Self::NoKey => ("it made no key", "鍵を作成できませんでした"),
            Self::BadVersion => {
                ("it speaks another version of the protocol", "対応しているプロトコルのバージョンが異なります")
            }
            Self::Other(number) => {
                return Why::new(format!("it refused with error {number}"), format!("エラー {number} を返しました"));
            }
        };
        Why::new(en, ja)
    }
}
