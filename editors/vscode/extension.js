// Starts `devopslint server` and leaves the rest to the protocol.
const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const languages = ["yaml", "dockerfile", "dockercompose", "github-actions-workflow", "terraform", "groovy", "json", "makefile", "markdown"];
let client;

async function start() {
  const [command, ...args] = workspace.getConfiguration("devopslint").get("command");
  client = new LanguageClient("devopslint", "devopslint", { command, args }, {
    documentSelector: languages.map((language) => ({ scheme: "file", language })),
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*") },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(`devopslint does not start: ${error.message}. pip install 'devopslint[server]', or set devopslint.command.`);
  }
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("devopslint.restart", async () => {
      await client?.stop();
      await start();
    }),
  );
  await start();
}

module.exports = { activate, deactivate: () => client?.stop() };
