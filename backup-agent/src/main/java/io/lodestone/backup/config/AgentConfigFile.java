package io.lodestone.backup.config;

import io.lodestone.settings.InvalidConfigException;
import io.lodestone.settings.Mistakes;
import io.lodestone.settings.SettingsGroup;
import io.lodestone.settings.YamlFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An agent's settings file. Reading it opens the files of secrets that it names, and talks to
 * nobody. Immutable.
 */
public final class AgentConfigFile {
  private final Path path;
  private final Map<String, String> environment;

  /**
   * @param environment for secrets that are referred to by variable
   */
  public AgentConfigFile(Path path, Map<String, String> environment) {
    this.path = path;
    this.environment = Map.copyOf(environment);
  }

  /** Fails with an {@link InvalidConfigException} that names every mistake, line and column. */
  public AgentConfig read() {
    Mistakes mistakes = new Mistakes(path);
    SettingsGroup root = SettingsGroup.of(new YamlFile(path), mistakes);
    Optional<String> agentId = root.text("agent-id");
    Optional<InetSocketAddress> listen = root.value("listen", Values::address);
    Optional<Path> spool = root.value("spool-directory", Values::path);
    List<ClusterPlan> clusters = clusters(root);
    root.checkNames();
    mistakes.check();
    return new AgentConfig(
        agentId.orElseGet(AgentConfigFile::ownName),
        listen,
        spool.orElse(Path.of(System.getProperty("java.io.tmpdir"))),
        clusters);
  }

  private List<ClusterPlan> clusters(SettingsGroup root) {
    ClusterReader reader = new ClusterReader(new Secrets(environment));
    SettingsGroup defaults = root.group("defaults");
    Map<String, SettingsGroup> groups = root.group("clusters").groups(defaults);
    if (groups.isEmpty()) {
      root.mistake("clusters", "there is no cluster", "name at least one below 'clusters'");
    }
    List<ClusterPlan> plans = new ArrayList<>();
    groups.forEach((name, group) -> reader.read(name, group).ifPresent(plans::add));
    return plans;
  }

  /** Two agents on one host are two. */
  private static String ownName() {
    try {
      return InetAddress.getLocalHost().getHostName() + "-" + ProcessHandle.current().pid();
    } catch (UnknownHostException e) {
      throw new InvalidConfigException(
          "this host does not know its own name", "set agent-id in the settings", e);
    }
  }
}
