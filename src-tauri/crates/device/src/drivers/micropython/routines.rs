//! The Python that does the work on the board. All its names begin with `_k`.
//!
//! Text in, text out: `_kk` runs a routine only if the check over its words is right, and seals what it returns.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::literal;
use super::probe::Features;

/// First of all: the check, and what installs everything else. With them goes what the board can do.
pub(super) const PROBE: &str = "import os,sys,gc
def _ks(b,s=1):
 for c in b:s=(s*31+c)%65521
 return s
def _kp(t,s=1):print(t,_ks(bytes(t,'utf8'),s))
def _ki(s,t):
 if _ks(bytes(t,'utf8'))!=s:raise ValueError('damaged')
 exec(t,globals())
def _kh():
 try:import hashlib as h
 except ImportError:import uhashlib as h
 return h.sha256()
_km=_ka=''
for _kn in 'stat','rename','sync','statvfs':
 if hasattr(os,_kn):_ka+=_kn+' '
try:
 _kh();_ka+='sha256'
except Exception:pass
_kq=sys.implementation
try:_km=getattr(_kq,'_machine','')or os.uname()[4]
except Exception:pass
gc.collect()
try:_kn=gc.mem_free()
except Exception:_kn=''
_kp('%s\\n%s\\n%s\\n%s\\n%s'%(_kq[0],_kq[1][:3],_km,_kn,_ka))
";

/// Leaves nothing of it behind.
pub(super) const FORGET: &[u8] = b"for _kn in dir():
 if _kn[:2]=='_k'and _kn!='_kn':del globals()[_kn]
del _kn
";

/// The door to all others: name and words with their check.
const DOOR: &str = "def _kk(s,*a):
 if _ks(bytes('\\n'.join(a),'utf8'))!=s:raise ValueError('damaged')
 _kp(globals()['_k'+a[0]](*a[1:])or'',s)
_kf=None
";

const WITH_STAT: &str = "def _kx(n):
 try:os.stat(n);return 1
 except OSError as e:
  if e.args[0]not in(2,44):raise
def _kl(p):
 for n in os.listdir(p[:-1]or'/')if p else os.listdir():
  s=os.stat(p+n)
  if not s[0]&16384:_kp('%d %s'%(s[6],n))
";

const WITHOUT_STAT: &str = "def _kx(n):return n in os.listdir()
def _kl(p):
 for n in os.listdir():_kp('%d %s'%(os.size(n),n))
";

const FOLDER: &str = "def _km(p):
 for i in range(1,len(p)):
  if p[i]=='/'and not _kx(p[:i]):os.mkdir(p[:i])
";

const WRITE: &str = "def _kc():
 global _kf
 f,_kf=_kf,None
 if f:f.close();return str(_kn)
def _ko(n):
 global _kf,_kn,_kz
 _kc();_kf=open(n,'wb');_kn=0;_kz=n
def _kw(b):
 global _kn
 while b:
  n=_kf.write(b)
  if not n:raise OSError(28)
  _kn+=n;b=b[n:]
";

const READ: &str = "def _kg(n):
 if not _kx(n):return
 s=1
 with open(n,'rb')as f:
  b=f.read(128)
  while b:s=_ks(b,s);print(b);b=f.read(128)
 return str(s)
def _ku(n):
 _kc()
 if _kx(n):os.remove(n)
";

const DIGEST: &str = "def _kd(n):
 if not _kx(n):return
 h=_kh()
 with open(n,'rb')as f:
  b=f.read(512)
  while b:h.update(b);b=f.read(512)
 return''.join('%02x'%c for c in h.digest())
def _ke():return _kc()+' '+_kd(_kz)
";

const RENAME: &str = "def _kr(a,b):
 try:os.rename(a,b)
 except OSError as e:
  if e.args[0]not in(17,20):raise
  os.remove(b);os.rename(a,b)
";

const ROOM: &str = "def _kv(p):
 v=os.statvfs((p[:-1]or'/')if p else os.getcwd())
 return str(v[1]*v[4])
";

const SYNC: &str = "def _ky():os.sync()
";

/// What this board needs, a few at a time: each statement has to fit into its memory as text and as code.
pub(super) fn for_board(board: &Features, folder: bool) -> Vec<String> {
    let each = [
        (true, DOOR),
        (board.stat, WITH_STAT),
        (!board.stat, WITHOUT_STAT),
        (folder, FOLDER),
        (true, WRITE),
        (true, READ),
        (board.sha256, DIGEST),
        (board.rename, RENAME),
        (board.statvfs, ROOM),
        (board.sync, SYNC),
    ];
    let wanted = each.into_iter().filter(|(wanted, _)| *wanted).map(|(_, routine)| routine);
    let mut batches: Vec<String> = vec![];
    for routine in wanted {
        match batches.last_mut() {
            Some(batch) if batch.len() + routine.len() <= board.statement() => batch.push_str(routine),
            _ => batches.push(routine.to_owned()),
        }
    }
    batches
}

/// Installs routines, if they arrive whole.
pub(super) fn install(routines: &str) -> Vec<u8> {
    let quoted = routines.replace('\\', "\\\\");
    format!("_ki({},'''{quoted}''')\nprint({0})", check(routines.as_bytes(), 1)).into_bytes()
}

/// A call through the door: the statement, and the seed of the check over its answer.
pub(super) fn call(routine: char, words: &[&str]) -> (String, u32) {
    let mut whole = routine.to_string();
    let mut literals = literal::text(&whole);
    for word in words {
        let _ = write!(whole, "\n{word}");
        let _ = write!(literals, ",{}", literal::text(word));
    }
    let seed = check(whole.as_bytes(), 1);
    (format!("_kk({seed},{literals})"), seed)
}

/// What the board computes in `_ks`.
pub(super) fn check(bytes: &[u8], seed: u32) -> u32 {
    bytes.iter().fold(seed, |sum, byte| (sum * 31 + u32::from(*byte)) % 65_521)
}

/// The text before its check; `None` if it is not the text that was sent.
pub(super) fn unsealed(line: &[u8], seed: u32) -> Option<Zeroizing<String>> {
    let text = str::from_utf8(line).ok()?;
    let (text, sum) = text.rsplit_once(' ')?;
    (sum.parse() == Ok(check(text.as_bytes(), seed))).then(|| Zeroizing::new(text.to_owned()))
}
