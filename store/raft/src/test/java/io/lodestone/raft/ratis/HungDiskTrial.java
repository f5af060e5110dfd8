package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader whose disk hangs makes way for another one, and comes back when the disk does. Each
 * member has a file system of its own, the leader's is frozen. By hand, as root, with loop devices:
 * {@code -Dtest=HungDiskTrial}; if it is killed, it leaves a frozen file system behind.
 */
class HungDiskTrial {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path directory;

  private final Map<Integer, RemoteMember> members = new TreeMap<>();

  @Test
  void aLeaderWhoseDiskHangsMakesWayAndComesBack() throws Exception {
    List<String> addresses = new ArrayList<>();
    TestCluster.freePorts(3).forEach(port -> addresses.add("127.0.0.1:" + port));
    List<Path> mounts = new ArrayList<>();
    try {
      for (int id = 1; id <= 3; id++) {
        mounts.add(mount(id));
        Path home = Files.createDirectory(mounts.get(id - 1).resolve("member"));
        members.put(id, new RemoteMember(List.of(), id, home, 1000, addresses));
      }
      members.values().forEach(RemoteMember::awaitStart);
      write("before");
      int leader = leaderBut(0);
      run("fsfreeze", "-f", mounts.get(leader - 1).toString());
      try {
        var unused = members.get(leader).tell("write", "r=hung");
        int next = leaderBut(leader);
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> members.get(next).tell("write", "r=while").join() != null);
      } finally {
        run("fsfreeze", "-u", mounts.get(leader - 1).toString());
      }
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> members.get(leader).tell("read", "r").join().equals("while"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(members.values().stream().map(HungDiskTrial::fingerprint).distinct())
                      .hasSize(1));
    } finally {
      members.values().forEach(RemoteMember::close);
      for (Path mount : mounts) {
        run("umount", mount.toString());
      }
    }
  }

  private static String fingerprint(RemoteMember member) {
    return member.tell("fingerprint", "-").join();
  }

  private void write(String value) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> members.get(1).tell("write", "r=" + value).join() != null);
  }

  /** Who leads, but for {@code member}. */
  private int leaderBut(int member) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                members.keySet().stream()
                    .filter(id -> id != member && leads(members.get(id)))
                    .findFirst()
                    .orElse(0),
            id -> id != 0);
  }

  private static boolean leads(RemoteMember member) {
    try {
      return member.tell("leads", "-").join().equals("true");
    } catch (CompletionException e) {
      return false;
    }
  }

  private Path mount(int id) throws IOException, InterruptedException {
    Path image = directory.resolve("disk-" + id);
    Path mount = Files.createDirectory(directory.resolve("mount-" + id));
    run("truncate", "-s", "128M", image.toString());
    run("mkfs.ext4", "-q", image.toString());
    run("mount", "-o", "loop", image.toString(), mount.toString());
    return mount;
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
