//! Processor time of processes, as Linux counts it.

use std::time::Duration;

/// Linux tells times in hundredths of a second, whatever the kernel ticks by.
const TICK: Duration = Duration::from_millis(10);

/// The fields of `/proc/<pid>/stat` behind the name, which may itself hold blanks.
fn fields(pid: u32) -> Option<Vec<u64>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    // The first one is a letter.
    Some(
        rest.split_whitespace()
            .skip(1)
            .map(|field| field.parse().unwrap_or(0))
            .collect(),
    )
}

pub fn parent(pid: u32) -> Option<u32> {
    fields(pid)?
        .first()
        .copied()
        .and_then(|pid| u32::try_from(pid).ok())
}

fn ticks(fields: &[u64], range: std::ops::Range<usize>) -> u32 {
    let sum: u64 = fields.get(range).unwrap_or_default().iter().sum();
    u32::try_from(sum).unwrap_or(u32::MAX)
}

/// A line of `/proc/<pid>/status` that tells of memory, in MiB.
fn memory_line(pid: u32, name: &str) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
    kib.unwrap_or(0) / 1024
}

/// What a process has in memory, in MiB.
pub fn memory(pid: u32) -> u32 {
    memory_line(pid, "VmRSS:")
}

/// What it had at the most.
pub fn most_memory(pid: u32) -> u32 {
    memory_line(pid, "VmHWM:")
}

/// Time a process has used so far.
pub fn of_process(pid: u32) -> Duration {
    fields(pid).map_or(Duration::ZERO, |fields| TICK * ticks(&fields, 10..12))
}

/// Time a process, its children and its children that have ended have used so far.
pub fn of_family(pid: u32) -> Duration {
    let Some(own) = fields(pid) else {
        return Duration::ZERO;
    };
    let children = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    children
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|child| parent(*child) == Some(pid))
        .map(of_process)
        .fold(TICK * ticks(&own, 10..14), |sum, time| sum + time)
}
