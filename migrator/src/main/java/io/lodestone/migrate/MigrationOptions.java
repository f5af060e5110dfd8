package io.lodestone.migrate;

import io.lodestone.client.ClientOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A migration as its user wants it. Immutable.
 *
 * @param directory where the migration keeps its journal, its spool and its snapshots
 * @param seed the data of a destination that is not running yet; empty where it runs, is empty, and
 *     is brought to the source's state through its API
 * @param lateSeed whether to write those data behind the fence only, from a copy that is kept
 *     beside until then: for a source that writes faster than a destination can repeat. Needs a
 *     seed, and a fence that leaves users and roles as they are
 * @param hooks commands of the user's that are run on the way
 * @param cutoverWhenSteady whether to go on to the cutover without being asked
 * @param keepWayBack whether to keep the way back open behind the cutover, until it is taken or not
 *     needed any more
 * @param patience how long to wait for the destination to be started, or for either side to come
 *     back
 * @param lookInterval how often to look at what a watch does not tell: leases, compactions
 * @param leaseGrace how long leases stay held after the cutover for clients that still have to find
 *     the destination; then each gets its granted TTL
 */
public record MigrationOptions(
    ClientOptions source,
    ClientOptions destination,
    Path directory,
    Optional<Seed> seed,
    boolean lateSeed,
    FenceKind fence,
    Hooks hooks,
    boolean cutoverWhenSteady,
    boolean keepWayBack,
    Duration patience,
    Duration lookInterval,
    Duration leaseGrace) {

  public MigrationOptions {
    if (lateSeed && (seed.isEmpty() || fence == FenceKind.AUTH)) {
      throw new IllegalArgumentException(
          "seeding late needs data to write, and a fence that leaves users and roles alone");
    }
  }

  /**
   * Shell commands. They may be run again after a crash, and must allow for that.
   *
   * @param start starts the destination on the directories that were written; without one, somebody
   *     else does
   * @param stop stops the destination, where its data have to be written anew
   * @param fence stops the writers, for {@link FenceKind#HOOK}
   * @param unfence lets them go on
   * @param cutover sends the clients to the destination
   * @param rollback sends them back
   */
  public record Hooks(
      Optional<String> start,
      Optional<String> stop,
      Optional<String> fence,
      Optional<String> unfence,
      Optional<String> cutover,
      Optional<String> rollback) {
    public static final Hooks NONE =
        new Hooks(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
  }
}
