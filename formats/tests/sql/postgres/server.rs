//! A server of its own: a private directory, a socket and nothing else.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running server; it ends with the value.
pub(crate) struct Server {
    binaries: PathBuf,
    folder: PathBuf,
    is_root: bool,
}

/// Where a package puts the binaries, by version.
const PLACES: &str = "/usr/lib/postgresql";

impl Server {
    /// Starts one; `None`, and a word, when there is none on the machine and none is required.
    pub(crate) fn start() -> Option<Self> {
        let Some(binaries) = binaries() else {
            assert!(std::env::var_os("GAMEDAY_REQUIRE_POSTGRES").is_none(), "PostgreSQL 15 is required, and missing");
            eprintln!("skipped: no PostgreSQL 15 on this machine");
            return None;
        };
        let is_root = output(Command::new("id").arg("-u")).trim() == "0";
        let server = Server { binaries, folder: folder(), is_root };
        if is_root {
            output(Command::new("chown").arg("nobody").arg(&server.folder));
        }
        let data = server.folder.join("data");
        let init = ["--auth=trust", "--no-sync", "--username=postgres", "--encoding=UTF8", "--locale=C"];
        output(server.command("initdb").args(init).arg("-D").arg(&data));
        let settings = format!("-k {} -c listen_addresses='' -c fsync=off -c timezone=UTC", server.folder.display());
        let log = server.folder.join("log");
        output(server.command("pg_ctl").args(["start", "-w", "-o", &settings]).arg("-D").arg(&data).arg("-l").arg(log));
        Some(server)
    }

    /// A program of the server's, as somebody who is not root: it refuses root.
    fn command(&self, program: &str) -> Command {
        let path = self.binaries.join(program);
        let mut command = if self.is_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder);
        command
    }

    /// What `psql` prints when it executes a script, unaligned, without errors.
    pub(crate) fn psql(&self, script: &str) -> String {
        let mut command = Command::new(self.binaries.join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-P", "null=NULL", "-U", "postgres", "-d", "postgres", "-h"]);
        let child =
            command.arg(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("psql starts");
        let mut input = child.stdin.take().expect("it was asked for");
        let script = script.to_owned();
        let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
        let done = child.wait_with_output().expect("psql ends");
        writer.join().expect("a thread").expect("psql reads all");
        String::from_utf8(done.stdout).expect("UTF-8")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let stopped = self.command("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(data).output();
        let removed = fs::remove_dir_all(&self.folder);
        if stopped.is_err() || removed.is_err() {
            eprintln!("left behind: {}", self.folder.display());
        }
    }
}

/// The model speaks of PostgreSQL 15; another version is another database.
fn binaries() -> Option<PathBuf> {
    let place = Path::new(PLACES).join("15/bin");
    place.join("initdb").exists().then_some(place)
}

/// A new folder with a short name: the path of a socket has little room.
fn folder() -> PathBuf {
    let place = std::env::temp_dir();
    let names = (0_u32..).map(|number| place.join(format!("gd-pg-{}-{number}", std::process::id())));
    let made = names.into_iter().find(|path| fs::create_dir(path).is_ok());
    made.expect("a folder for temporary files")
}

fn output(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{command:?}: {said}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}
