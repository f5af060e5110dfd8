package io.lodestone.restore.drill;

import com.google.protobuf.ByteString;
import io.lodestone.restore.TransferReport;
import io.lodestone.revisions.digest.HashKv;
import java.util.List;
import java.util.Optional;

/**
 * What a drill came to.
 *
 * @param transfer what was restored, and how long it took
 * @param hash of the store that was restored
 * @param memberHash of the member directory
 * @param differing the first keys, at most 20, in which the two differ
 * @param sideStateEqual whether leases, users and roles in the member directory are those that the
 *     stream told
 * @param source what the living source answered for the same revision; empty where it was not asked
 */
public record DrillReport(
    TransferReport transfer,
    HashKv hash,
    HashKv memberHash,
    List<ByteString> differing,
    boolean sideStateEqual,
    Optional<SourceAnswer> source) {
  public DrillReport {
    differing = List.copyOf(differing);
  }

  /**
   * The source's hash beside ours, at its compact revision.
   *
   * @param said empty where the source could not tell any more, because it has compacted past the
   *     revision
   */
  public record SourceAnswer(Optional<HashKv> said, Optional<HashKv> ours) {
    public boolean agrees() {
      return said.isPresent() && said.equals(ours);
    }
  }

  /** Whether nothing that was compared differs. */
  public boolean proved() {
    return hash.equals(memberHash)
        && differing.isEmpty()
        && sideStateEqual
        && source.map(answer -> answer.said().isEmpty() || answer.agrees()).orElse(true);
  }
}
