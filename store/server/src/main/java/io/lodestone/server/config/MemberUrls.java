package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lists of URLs as etcd's flags take them, with its words for wrong ones. */
final class MemberUrls {
  private static final Set<String> SCHEMES = Set.of("http", "https", "unix", "unixs");

  private MemberUrls() {}

  static List<URI> parse(FlagValues values, Flag flag) {
    List<URI> urls = new ArrayList<>();
    for (String text : values.list(flag)) {
      urls.add(parse(text, flag));
    }
    return List.copyOf(urls);
  }

  private static URI parse(String text, Flag flag) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw invalid(text, flag, "parse error", e);
    }
    if (url.getScheme() == null || !SCHEMES.contains(url.getScheme())) {
      throw invalid(text, flag, "URL scheme must be http, https, unix, or unixs: " + text, null);
    }
    if (url.getScheme().startsWith("http") && url.getPort() < 0) {
      throw invalid(text, flag, "URL address does not have the form \"host:port\": " + text, null);
    }
    if (url.getPath() != null && !url.getPath().isEmpty() && url.getScheme().startsWith("http")) {
      throw invalid(text, flag, "URL must not contain a path: " + text, null);
    }
    return url;
  }

  private static InvalidConfigException invalid(String text, Flag flag, String why, Throwable e) {
    return new InvalidConfigException(
        "invalid value \"" + text + "\" for flag -" + flag.name() + ": " + why,
        "give URLs such as http://127.0.0.1:2379, separated by commas",
        e);
  }

  /** {@code name=url,name=url}; a member with several URLs is named once for each. */
  static Map<String, List<String>> cluster(String text) {
    Map<String, List<String>> members = new LinkedHashMap<>();
    for (String item : text.split(",", -1)) {
      int equals = item.indexOf('=');
      if (equals <= 0) {
        throw new InvalidConfigException(
            "--initial-cluster has \"" + item + "\", which is not name=url",
            "list every member: m1=http://10.0.0.1:2380,m2=http://10.0.0.2:2380");
      }
      members
          .computeIfAbsent(item.substring(0, equals).strip(), name -> new ArrayList<>())
          .add(item.substring(equals + 1));
    }
    return members;
  }
}
