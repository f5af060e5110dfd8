package io.lodestone.etcdfile.member;

import java.util.List;

/** A member of the cluster to be: its {@code --name} and its peer URLs. Immutable. */
public record MemberSpec(String name, List<String> peerUrls) {
  public MemberSpec {
    peerUrls = List.copyOf(peerUrls);
    if (name.isBlank() || peerUrls.isEmpty()) {
      throw new IllegalArgumentException("a member needs a name and a peer URL");
    }
  }
}
