package io.lodestone.restore.drill;

import com.google.protobuf.ByteString;
import io.lodestone.repository.SourceHash;
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
 * @param captured what the source said of that revision when it was captured; empty where it was
 *     not asked then, or is known to have been less compacted than what is stored
 * @param source what the living source answered for the same revision; empty where it was not asked
 */
public record DrillReport(
    TransferReport transfer,
    HashKv hash,
    HashKv memberHash,
    List<ByteString> differing,
    boolean sideStateEqual,
    Optional<CapturedHash> captured,
    Optional<SourceAnswer> source) {
  public DrillReport {
    differing = List.copyOf(differing);
  }

  /** The hash that the source gave when the revision was captured, beside that of the member. */
  public record CapturedHash(SourceHash said, HashKv ours) {
    public boolean agrees() {
      return said.agrees(ours);
    }
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

  /** Whether the source's own hash, captured or asked for now, was found again. */
  public boolean agreesWithSource() {
    return captured.filter(CapturedHash::agrees).isPresent()
        || source.filter(SourceAnswer::agrees).isPresent();
  }

  /** Whether nothing that was compared differs. */
  public boolean proved() {
    return hash.equals(memberHash)
        && differing.isEmpty()
        && sideStateEqual
        && captured.map(CapturedHash::agrees).orElse(true)
        && source.map(answer -> answer.said().isEmpty() || answer.agrees()).orElse(true);
  }
}
