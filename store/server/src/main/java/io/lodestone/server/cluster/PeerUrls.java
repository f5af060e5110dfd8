package io.lodestone.server.cluster;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;

/** What etcd takes for a peer URL. Stateless. */
final class PeerUrls {
  private static final Set<String> SCHEMES = Set.of("http", "https", "unix", "unixs");

  private PeerUrls() {}

  /**
   * The URLs in ascending order; fails with BAD_MEMBER_URLS where one is none or all are missing.
   */
  static List<String> sorted(List<String> urls) {
    if (urls.isEmpty() || !urls.stream().allMatch(PeerUrls::isPeerUrl)) {
      throw new StoreException(ErrorCode.BAD_MEMBER_URLS);
    }
    return urls.stream().map(String::strip).sorted().toList();
  }

  private static boolean isPeerUrl(String text) {
    try {
      URI url = new URI(text.strip());
      return SCHEMES.contains(String.valueOf(url.getScheme()))
          && url.getPort() >= 0
          && (url.getPath() == null || url.getPath().isEmpty());
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
