package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads etcd's {@code --initial-cluster}. */
final class InitialCluster {
  private InitialCluster() {}

  /**
   * @param entries {@code name=url} each; a member's further URLs under its name again
   */
  static ClusterSpec parse(String token, List<String> entries) {
    Map<String, List<String>> urls = new LinkedHashMap<>();
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals < 1 || equals == entry.length() - 1) {
        throw new LodestoneException(
            "'" + entry + "' is not a member", "write m1=http://10.0.0.1:2380,m2=...");
      }
      urls.computeIfAbsent(entry.substring(0, equals), any -> new ArrayList<>())
          .add(entry.substring(equals + 1));
    }
    return new ClusterSpec(
        token,
        urls.entrySet().stream().map(e -> new MemberSpec(e.getKey(), e.getValue())).toList());
  }
}
